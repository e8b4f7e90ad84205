"""LabJack U3, U6 and T7: the way in for plates with analogue outputs."""
