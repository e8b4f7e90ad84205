"""What twins of every family share: when samples are due, what can befall them, and the queue they leave by."""

from otolith.drivers.twinning.faults import Faults
from otolith.drivers.twinning.sampled import AHEAD, Sampled, Sent
from otolith.drivers.twinning.schedule import Schedule

__all__ = ["AHEAD", "Faults", "Sampled", "Schedule", "Sent"]
