"""Start conditions of an episode: ranges for uniform draws, and its ground."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

Range = tuple[float, float]


@dataclass(frozen=True)
class StartConditions:
    """Ranges (lowest, highest) of an episode's first state, its ground, and its time limit."""

    altitude_m: Range  # of the feet above the ground
    downrange_m: Range  # horizontal distance from the pad, in a random direction
    descent_rate_m_s: Range
    horizontal_speed_m_s: Range  # towards the pad
    tilt_deg: Range  # from the vertical, in a random direction
    delta_v_m_s: Range  # of the propellant on board: the same task for any vehicle
    ground_slope_deg: Range  # of the ground at the pad, in a random direction
    relief: float  # 0: a plain; 1: craters and roughness in full
    clear_radius_m: float  # around the pad, within which there is no relief
    time_limit_s: float
    difficulty: float = 0.0  # a label that the episode carries to its end


START_DTYPE = np.dtype(
    [
        ("altitude_m", np.float64, (2,)),
        ("downrange_m", np.float64, (2,)),
        ("descent_rate_m_s", np.float64, (2,)),
        ("horizontal_speed_m_s", np.float64, (2,)),
        ("tilt_deg", np.float64, (2,)),
        ("delta_v_m_s", np.float64, (2,)),
        ("ground_slope_deg", np.float64, (2,)),
        ("relief", np.float64),
        ("clear_radius_m", np.float64),
        ("time_limit_s", np.float64),
        ("difficulty", np.float64),
    ]
)


def start_record(start: StartConditions) -> npt.NDArray[np.void]:
    """The conditions as one START_DTYPE record for compiled code."""
    return np.array([astuple(start)], START_DTYPE)


TOUCHDOWN = StartConditions(
    altitude_m=(30.0, 60.0),
    downrange_m=(0.0, 10.0),
    descent_rate_m_s=(0.0, 3.0),
    horizontal_speed_m_s=(0.0, 1.0),
    tilt_deg=(0.0, 3.0),
    delta_v_m_s=(270.0, 400.0),
    ground_slope_deg=(0.0, 0.0),
    relief=0.0,
    clear_radius_m=100.0,
    time_limit_s=60.0,
)


def blend(
    easier: StartConditions, harder: StartConditions, share: float, difficulty: float
) -> StartConditions:
    """Conditions `share` (above 0, below 1) of the way from one to the other.

    The ranges' middles are interpolated geometrically (of 1 + x, so that zero is no end): from 1.5
    to 20 km each equal step makes a descent longer by the same factor. The ranges take on the
    harder one's relative width early on, so that distances, speeds and heights fit each other: a
    fast start near the pad is no step on the way to a fast one far away. The time limit is the
    longer one.
    """
    ranges = {
        name: _range_between(getattr(easier, name), getattr(harder, name), share)
        for name in _RANGES
    }
    return StartConditions(
        **ranges,
        relief=easier.relief + (harder.relief - easier.relief) * share,
        clear_radius_m=_between(easier.clear_radius_m, harder.clear_radius_m, share),
        time_limit_s=max(easier.time_limit_s, harder.time_limit_s),
        difficulty=difficulty,
    )


_RANGES = (
    "altitude_m",
    "downrange_m",
    "descent_rate_m_s",
    "horizontal_speed_m_s",
    "tilt_deg",
    "delta_v_m_s",
    "ground_slope_deg",
)


def _range_between(easier: Range, harder: Range, share: float) -> Range:
    middle = _between(sum(easier) / 2, sum(harder) / 2, share)
    width = _relative_width(harder)
    width += (_relative_width(easier) - width) * (1.0 - share) ** 3
    half = width * (1.0 + middle)
    return max(middle - half, 0.0), middle + half


def _relative_width(limits: Range) -> float:
    """Half a range's width, of one more than its middle."""
    low, high = limits
    return (high - low) / (2.0 + low + high)


def _between(low: float, high: float, share: float) -> float:
    return math.exp((1.0 - share) * math.log1p(low) + share * math.log1p(high)) - 1.0
