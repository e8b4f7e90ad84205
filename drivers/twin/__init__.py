"""What the twins of all families share: a sampled load, an even clock, and faults."""

from otolith.drivers.twin.sampler import IN, PACKET, Sampler, Sent

__all__ = ["IN", "PACKET", "Sampler", "Sent"]
