"""The words of LabJacks: checksummed commands of the U3 and the U6, Modbus of the T7, stream packets of all."""
