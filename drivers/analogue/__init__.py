"""Plates with analogue outputs, whatever DAQ reads them: from volts to loads in the project's axes."""
