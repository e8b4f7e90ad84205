"""The Wii Balance Board (RVL-WBC-01): driver and twin."""
