"""Norms: what a figure is in other people, and when that says anything about this one."""
