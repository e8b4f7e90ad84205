"""Recordings as boards."""
