"""What is known besides the samples reaches the figures; what cannot be followed is refused."""

from dataclasses import replace

import numpy as np
import pytest

from otolith.drivers.board import Cell
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Recording
from otolith.dsp.metrics.registry import chosen
from otolith.dsp.recipes import recipe_named
from otolith.service.analysis import Analysis, figures
from otolith.service.circumstances import NOTHING, Circumstances

X, Y = (-200.0, 200.0, -200.0, 200.0), (150.0, 150.0, -150.0, -150.0)


@pytest.fixture
def recording() -> Recording:
    """40 s at 100 Hz of 700 N that sways off the middle of four cells."""
    t = np.arange(4000) / 100.0
    ml, ap = 40.0 + 5.0 * np.sin(t), -30.0 + 8.0 * np.sin(1.7 * t)
    loads = 175.0 * (1.0 + np.outer(ml, np.sign(X) / 200.0) + np.outer(ap, np.sign(Y) / 150.0))
    cells = tuple(Cell(f"cell {x:g} {y:g}", x, y) for x, y in zip(X, Y, strict=True))
    return Recording("drawn", "drawn", 100.0, t, loads=loads, cells=cells)


def analysed(recording: Recording, about: Circumstances, recipe: str = "ispgr") -> Analysis:
    return figures(recording, recipe_named(recipe), chosen("core"), "mm", about)


def test_gains_and_noise_of_the_cells_reach_every_figure(recording: Recording) -> None:
    plain = analysed(recording, NOTHING).metrics
    gains = analysed(recording, Circumstances(gain=0.01)).metrics
    both = analysed(recording, Circumstances(gain=0.01, cell_noise=0.5)).metrics
    assert all(figure.uncertainty is None for figure in plain.values())
    for key, figure in gains.items():
        assert figure.value == plain[key].value
        assert figure.uncertainty is not None
        assert figure.noise_bias is None
    assert (both["rms_ml"].uncertainty or 0.0) > (gains["rms_ml"].uncertainty or 0.0) > 0.0
    assert (both["path_length"].noise_bias or 0.0) > 0.0
    assert both["mean_power_frequency"].uncertainty is None


def test_one_gain_drawn_wrong_is_within_what_was_said(recording: Recording) -> None:
    said = analysed(recording, Circumstances(gain=0.01)).metrics["rms_ap"]
    assert recording.loads is not None
    wrong = replace(recording, loads=recording.loads * np.array([1.0, 1.01, 1.0, 1.0]))
    assert said.uncertainty is not None
    assert 0.0 < abs(analysed(wrong, NOTHING).metrics["rms_ap"].value - said.value) <= said.uncertainty


def test_what_cannot_be_followed_is_refused(recording: Recording) -> None:
    positions = replace(recording, loads=None, cells=(), ml=np.sin(recording.t), ap=np.cos(recording.t))
    with pytest.raises(RecordingError, match="need the loads of each cell"):
        analysed(positions, Circumstances(gain=0.01))
    with pytest.raises(ValueError, match="quijoux25 resamples"):
        analysed(positions, Circumstances(cop_noise=0.1), "quijoux25")
