"""Where and how an episode starts: ranges that are drawn from uniformly, and the ground below."""

from __future__ import annotations

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
    delta_v_m_s: Range  # what the propellant on board is good for: the same task for any vehicle
    ground_slope_deg: Range  # of the ground at the pad, in a random direction
    relief: float  # 0: a plain; 1: craters and roughness in full
    clear_radius_m: float  # around the pad, within which there is no relief
    time_limit_s: float


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
    ]
)


def start_record(start: StartConditions) -> npt.NDArray[np.void]:
    """The conditions as compiled code reads them: one START_DTYPE record."""
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
