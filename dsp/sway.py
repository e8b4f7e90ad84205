"""The figures of a trace over a window, as the streaming kernel gives them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sway:
    """Streaming sway of the newest window, mm and seconds; NaN where the window is too short or nobody stands.

    Definitions and sources: the metric registry, under the same names.
    """

    n: int
    """Valid samples in the window."""
    seconds: float
    """Window covered: n / rate."""
    mean_velocity: float
    path_length: float
    rms_ml: float
    rms_ap: float
    rms_radius: float
    range_ml: float
    range_ap: float
    prediction_ellipse_area: float
    mean_frequency: float
    mean_ml: float
    mean_ap: float
    ellipse_major: float
    """Semi-axis, mm."""
    ellipse_minor: float
    """Semi-axis, mm."""
    ellipse_angle: float
    """Radians from +x (right) to the major axis, counter-clockwise, in (-pi/2, pi/2]."""
