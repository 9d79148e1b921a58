"""Where and how an episode starts: ranges that are drawn from uniformly."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

Range = tuple[float, float]


@dataclass(frozen=True)
class StartConditions:
    """Ranges (lowest, highest) of an episode's first state, and its time limit."""

    altitude_m: Range  # of the feet above the ground
    downrange_m: Range  # horizontal distance from the pad, in a random direction
    descent_rate_m_s: Range
    horizontal_speed_m_s: Range  # towards the pad
    tilt_deg: Range  # from the vertical, in a random direction
    ground_slope_deg: Range  # of the ground at the pad, in a random direction
    propellant_t: Range  # both tanks together, tonnes
    time_limit_s: float


START_SIZE = 15  # seven ranges and the time limit


def start_row(start: StartConditions) -> npt.NDArray[np.float64]:
    """The conditions as compiled code reads them, shape (START_SIZE,)."""
    return np.hstack([np.asarray(value, np.float64) for value in astuple(start)])


TOUCHDOWN = StartConditions(
    altitude_m=(30.0, 60.0),
    downrange_m=(0.0, 10.0),
    descent_rate_m_s=(0.0, 3.0),
    horizontal_speed_m_s=(0.0, 1.0),
    tilt_deg=(0.0, 3.0),
    ground_slope_deg=(0.0, 0.0),
    propellant_t=(8.0, 12.0),
    time_limit_s=60.0,
)
