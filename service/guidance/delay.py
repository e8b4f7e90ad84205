"""What a sample waits for before anything can be said of it."""

from dataclasses import dataclass

from otolith.dsp.filters import butter_lowpass, group_delay
from otolith.service.sections import PipelineConfig


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds between a load and what is said of it."""

    board: float = 0.0
    """In the board, before a sample is sent."""
    filter: float = 0.0
    """Group delay of the causal filter at slow movement; forces are not filtered."""


def delay_of(board_s: float, config: PipelineConfig, rate: float) -> Delay:
    """Of a board of ``rate`` whose samples are ``board_s`` old when they are sent."""
    sections = butter_lowpass(config.order, config.cutoff_hz, rate)
    return Delay(board_s, group_delay(sections, 0.0, rate))
