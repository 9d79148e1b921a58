"""The reference velocity field, compiled: how fast a good descent is, anywhere.

Down: the speed from which constant deceleration reaches touchdown speed at the ground, with a
gentle deceleration near it (landing thrusters) and a strong one above (engines). Sideways: close
on the pad within the time that the descent takes.
"""

from __future__ import annotations

import math

from numba import njit

TOUCHDOWN_SPEED_M_S = 0.8
NEAR_DECELERATION_M_S2 = 0.6
NEAR_ALTITUDE_M = 300.0
FAR_DECELERATION_M_S2 = 2.5
SIDE_DECELERATION_M_S2 = 0.25
CLOSING_FRACTION = 0.5  # of the time to go in which the pad is closed on


@njit(cache=True)
def reference_descent_m_s(altitude_m: float) -> float:
    """The reference descent rate at this height of the feet above the ground."""
    height = max(altitude_m, 0.0)
    near = min(height, NEAR_ALTITUDE_M)
    square = (
        TOUCHDOWN_SPEED_M_S**2
        + 2.0 * NEAR_DECELERATION_M_S2 * near
        + 2.0 * FAR_DECELERATION_M_S2 * (height - near)
    )
    return math.sqrt(square)


@njit(cache=True)
def reference_closing_m_s(altitude_m: float, distance_m: float) -> float:
    """The reference horizontal speed towards the pad."""
    height = max(altitude_m, 0.0)
    time_to_go_s = 2.0 * height / (reference_descent_m_s(height) + TOUCHDOWN_SPEED_M_S)
    by_time = distance_m / (CLOSING_FRACTION * time_to_go_s + 3.0)
    by_braking = math.sqrt(2.0 * SIDE_DECELERATION_M_S2 * distance_m)
    if altitude_m > NEAR_ALTITUDE_M:
        by_braking = math.sqrt(2.0 * FAR_DECELERATION_M_S2 * distance_m)
    return min(by_time, by_braking)
