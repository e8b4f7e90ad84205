"""The station on a message bus."""
