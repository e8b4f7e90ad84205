"""The mathematics of posturography: numbers in, numbers out. No clock, no log, no loop, no files."""
