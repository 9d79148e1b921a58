"""The ground around the pad, compiled: a slope through the pad that levels out with distance."""

from __future__ import annotations

import math

from numba import njit

LEVELLING_DISTANCE_M = 200.0


@njit(cache=True)
def ground_height_m(x_m: float, y_m: float, slope_x: float, slope_y: float) -> float:
    """Height above the sphere through the pad."""
    distance = math.sqrt(x_m * x_m + y_m * y_m)
    return (
        (slope_x * x_m + slope_y * y_m) * LEVELLING_DISTANCE_M / (LEVELLING_DISTANCE_M + distance)
    )
