"""The reference velocity field, compiled: the velocity of a good descent at any position.

Down: the speed from which constant deceleration reaches touchdown speed just above the ground,
with a gentle deceleration near it and above it one that an engine holds within its throttle range:
the vehicle's `Braking`, whose numbers are the last arguments here. Sideways: reach the pad within
the time that the descent takes, slower where only a tilted hover is left for braking.

All functions are NumPy ufuncs of numbers or arrays, also callable from compiled code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from numba import njit, vectorize

from env.base.moon import SURFACE_GRAVITY_M_S2

TOUCHDOWN_SPEED_M_S = 0.7
FINAL_HEIGHT_M = 1.2  # touchdown speed below this height: on a slope one foot touches this early
FUNNEL_RADIUS_M = 2.0  # around the pad, within which the descent is vertical
FUNNEL_SLOPE = 0.8  # of the funnel's wall; a steep descent stays above it
FUNNEL_DEPTH_M = 2.0  # at this depth below the wall the reference sink rate is 0
LARGEST_DESCENT_M_S = 280.0  # a free fall from 22 km at 120 m/s, braked at 8 m/s2, reaches 266
SIDE_TIME_S = 4.0  # time constant of the final approach to the pad ...
SIDE_NEAR_SHARE = 0.3  # ... plus this share of the near time
SIDE_BRAKING_SHARE = 0.42  # of the braking time; the closing speed dies out faster than linearly
NEAR_SIDE_DECELERATION_M_S2 = 0.2
LAST_CLOSING_M_S = 0.3  # largest sideways speed at the final height ...
CLOSING_PER_M = 0.12  # ... plus this per metre above it
# What braking allows more of it, as a share of the deceleration, by the square of the time left: a
# thrust that can brake harder can also turn sideways speed away in less of the time.
SIDE_SNAP_PER_S2 = 0.0025
LARGEST_SIDE_DECELERATION_M_S2 = 5.0  # and no more than the descent's own


class Braking(NamedTuple):
    """The decelerations (m/s^2), gravity already overcome, that a vehicle's descent is made of."""

    near_altitude_m: float
    near_m_s2: float  # below near_altitude_m
    far_m_s2: float  # above it


_ufunc: Callable[[Callable[..., float]], Any] = vectorize(cache=True)  # type: ignore[no-untyped-call]


@_ufunc
def braking_rate_m_s(
    altitude_m: float, near_altitude_m: float, near_m_s2: float, far_m_s2: float
) -> float:
    """The descent rate (m/s) from which these decelerations end at touchdown speed."""
    near = min(max(altitude_m, FINAL_HEIGHT_M), near_altitude_m) - FINAL_HEIGHT_M
    far = max(altitude_m - near_altitude_m, 0.0)
    square = 2.0 * (near_m_s2 * near + far_m_s2 * far)
    return math.sqrt(TOUCHDOWN_SPEED_M_S**2 + square)


@_ufunc
def reference_descent_m_s(
    altitude_m: float, near_altitude_m: float, near_m_s2: float, far_m_s2: float
) -> float:
    """The reference descent rate (m/s) at height (m) of the feet above the ground."""
    return float(
        min(braking_rate_m_s(altitude_m, near_altitude_m, near_m_s2, far_m_s2), LARGEST_DESCENT_M_S)
    )


@_ufunc
def funnel_height_m(distance_m: float) -> float:
    """The minimum height (m) at this distance (m) from the pad."""
    return FINAL_HEIGHT_M + FUNNEL_SLOPE * max(distance_m - FUNNEL_RADIUS_M, 0.0)


@_ufunc
def reference_sink_m_s(
    altitude_m: float,
    distance_m: float,
    near_altitude_m: float,
    near_m_s2: float,
    far_m_s2: float,
) -> float:
    """The reference descent rate (m/s) at this distance (m) from the pad, limited by a funnel.

    Without the funnel a craft off the pad would descend to the ground there, and touch down with
    sideways speed.
    """
    above = altitude_m - funnel_height_m(distance_m)
    if above >= 0.0:
        left_m = above + FINAL_HEIGHT_M
        return float(reference_descent_m_s(left_m, near_altitude_m, near_m_s2, far_m_s2))
    if distance_m <= FUNNEL_RADIUS_M:
        return TOUCHDOWN_SPEED_M_S
    return float(TOUCHDOWN_SPEED_M_S * max(1.0 + above / FUNNEL_DEPTH_M, 0.0))


@_ufunc
def braking_deceleration_m_s2(
    altitude_m: float, near_altitude_m: float, near_m_s2: float, far_m_s2: float
) -> float:
    """The deceleration (m/s^2) of a descent at the braking rate."""
    if altitude_m <= FINAL_HEIGHT_M:
        return 0.0
    return near_m_s2 if altitude_m < near_altitude_m else far_m_s2


@_ufunc
def coast_time_s(
    altitude_m: float,
    descent_m_s: float,
    near_altitude_m: float,
    near_m_s2: float,
    far_m_s2: float,
) -> float:
    """Duration (s) of a fall from this height and rate until it meets the braking rate.

    Speed squared over height is a straight line for both. Falling from v, where a braking with
    deceleration a is at V, they meet at the rate sqrt((a v^2 + g V^2) / (a + g)). Zero when the
    descent is faster already.
    """
    g = SURFACE_GRAVITY_M_S2
    reference = braking_rate_m_s(altitude_m, near_altitude_m, near_m_s2, far_m_s2)
    if descent_m_s >= reference:
        return 0.0
    a = far_m_s2
    meeting = math.sqrt((a * descent_m_s**2 + g * reference**2) / (a + g))
    if altitude_m - (meeting**2 - descent_m_s**2) / (2.0 * g) < near_altitude_m:
        a = near_m_s2
        near = max(altitude_m - FINAL_HEIGHT_M, 0.0)
        square = TOUCHDOWN_SPEED_M_S**2 + 2.0 * a * near
        meeting = math.sqrt((a * descent_m_s**2 + g * square) / (a + g))
    return (meeting - descent_m_s) / g


@_ufunc
def far_braking_time_s(
    altitude_m: float, near_altitude_m: float, near_m_s2: float, far_m_s2: float
) -> float:
    """Duration (s) of the braking down to `near_altitude_m`."""
    rate = braking_rate_m_s(max(altitude_m, near_altitude_m), near_altitude_m, near_m_s2, far_m_s2)
    near_rate = braking_rate_m_s(near_altitude_m, near_altitude_m, near_m_s2, far_m_s2)
    return float(rate - near_rate) / far_m_s2


@_ufunc
def near_time_s(
    altitude_m: float, near_altitude_m: float, near_m_s2: float, far_m_s2: float
) -> float:
    """Approximate duration (s) of the braking through the last `near_altitude_m`."""
    rate = braking_rate_m_s(min(altitude_m, near_altitude_m), near_altitude_m, near_m_s2, far_m_s2)
    return float(rate - TOUCHDOWN_SPEED_M_S) / near_m_s2


@_ufunc
def closing_m_s(
    distance_m: float, coast_s: float, braking_s: float, near_s: float, far_m_s2: float
) -> float:
    """The horizontal speed (m/s) that closes on a pad `distance_m` away: level while coasting for
    `coast_s`, then dying out with the engine's `braking_s` and the `near_s` of the last metres.
    """
    end = SIDE_TIME_S + SIDE_NEAR_SHARE * near_s
    by_time = distance_m / (coast_s + math.hypot(SIDE_BRAKING_SHARE * braking_s, end))
    deceleration = min(
        NEAR_SIDE_DECELERATION_M_S2 + SIDE_SNAP_PER_S2 * far_m_s2 * braking_s * braking_s,
        LARGEST_SIDE_DECELERATION_M_S2,
        far_m_s2,
    )
    return min(by_time, math.sqrt(2.0 * deceleration * distance_m))


@njit(cache=True)
def time_left_s(
    altitude_m: float,
    descent_m_s: float,
    near_altitude_m: float,
    near_m_s2: float,
    far_m_s2: float,
) -> tuple[float, float, float]:
    """Seconds left to coast, to brake with an engine, and for the last metres."""
    coast_s = coast_time_s(altitude_m, descent_m_s, near_altitude_m, near_m_s2, far_m_s2)
    meeting = altitude_m - (descent_m_s + 0.5 * SURFACE_GRAVITY_M_S2 * coast_s) * coast_s
    braking_s = far_braking_time_s(meeting, near_altitude_m, near_m_s2, far_m_s2)
    return coast_s, braking_s, near_time_s(meeting, near_altitude_m, near_m_s2, far_m_s2)


@_ufunc
def largest_closing_m_s(altitude_m: float) -> float:
    """The largest safe horizontal speed (m/s) at this height: a craft that touches down with
    sideways speed topples, whereas a miss of a few metres is still a landing.
    """
    return LAST_CLOSING_M_S + CLOSING_PER_M * max(altitude_m - FINAL_HEIGHT_M, 0.0)


@_ufunc
def reference_closing_m_s(
    altitude_m: float,
    distance_m: float,
    descent_m_s: float,
    near_altitude_m: float,
    near_m_s2: float,
    far_m_s2: float,
) -> float:
    """The horizontal speed (m/s) that closes on the pad in the time that the craft's own descent,
    at `descent_m_s` now, will take.
    """
    coast_s, braking_s, near_s = time_left_s(
        altitude_m, descent_m_s, near_altitude_m, near_m_s2, far_m_s2
    )
    by_time = float(closing_m_s(distance_m, coast_s, braking_s, near_s, far_m_s2))
    return float(min(by_time, largest_closing_m_s(altitude_m)))


@_ufunc
def side_scale_m_s(closing_m_s: float, sink_m_s: float) -> float:
    """The unit (m/s) of horizontal velocity errors at these closing and sink rates."""
    return 1.0 + 0.1 * closing_m_s + 0.05 * sink_m_s


@_ufunc
def sink_scale_m_s(sink_m_s: float) -> float:
    """The unit (m/s) of descent rate errors at this reference sink rate."""
    return 1.0 + 0.2 * sink_m_s
