"""Captures: the traffic of a board, byte for byte, to be replayed through its driver without the board."""
