"""The ground around the pad, compiled: a slope through the pad that levels out with distance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

SLOPE_FADE_M = 200.0  # the slope is half gone at this distance from the pad

MAP_DTYPE = np.dtype([("nodes", np.uint64)])
SITE_DTYPE = np.dtype(
    [
        ("slope_x", np.float64),  # gradient of the ground at the pad
        ("slope_y", np.float64),
        ("steepest", np.float64),  # no gradient anywhere is larger
    ]
)


@njit(cache=True)
def ground_height_m(maps: Any, site: Any, x_m: float, y_m: float) -> float:
    """Height (m) above the sphere through the pad, at Moon-centred `x_m`, `y_m`."""
    return ground_height_and_slope(maps, site, x_m, y_m)[0]


@njit(cache=True)
def ground_height_and_slope(
    maps: Any, site: Any, x_m: float, y_m: float
) -> tuple[float, float, float]:
    """Height (m) as :func:`ground_height_m` gives it, and its gradient by x and y (1)."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    rise = site.slope_x * x_m + site.slope_y * y_m
    turn = -2.0 * rise * fade * fade / (SLOPE_FADE_M * SLOPE_FADE_M)
    return rise * fade, site.slope_x * fade + turn * x_m, site.slope_y * fade + turn * y_m
