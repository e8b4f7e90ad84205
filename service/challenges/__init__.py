"""Challenges: clinical protocols as data, the machine that runs them, and what they are scored by."""
