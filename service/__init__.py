"""Composes boards and mathematics into a running station; the only floor that owns tasks and time."""
