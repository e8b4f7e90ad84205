"""Boards: bytes in, samples out. Knows neither the mathematics nor the service."""
