"""The reference velocity field, compiled: how fast a good descent is, anywhere.

Down: the speed from which constant deceleration reaches touchdown speed just above the ground,
with a gentle deceleration near it (landing thrusters) and above it one that an engine holds within
its throttle range. Sideways: close on the pad within the time that the descent takes, slower where
only a leaning hover is left to brake with.

All functions are NumPy ufuncs: they take numbers or arrays, and compiled code calls them too.
"""

from __future__ import annotations

import math

from numba import vectorize

from env.moon import SURFACE_GRAVITY_M_S2

TOUCHDOWN_SPEED_M_S = 0.7
FINAL_HEIGHT_M = 1.2  # sinks at touchdown speed from here: on a slope one foot touches this early
NEAR_ALTITUDE_M = 150.0
NEAR_DECELERATION_M_S2 = 1.0
FAR_DECELERATION_M_S2 = 8.0
SIDE_TIME_S = 4.0  # in which the pad is closed on at the end ...
SIDE_NEAR_SHARE = 0.3  # ... and what each second of the last metres adds
SIDE_BRAKING_SHARE = 0.42  # of the braking time; the closing speed dies out faster than linearly
NEAR_SIDE_DECELERATION_M_S2 = 0.2
SIDE_SNAP_M_S4 = 0.02  # what braking allows more of it, by the square of the time left of it
LARGEST_SIDE_DECELERATION_M_S2 = 5.0


@vectorize(cache=True)
def reference_descent_m_s(altitude_m: float) -> float:
    """The reference descent rate (m/s) at this height (m) of the feet above the ground."""
    near = min(max(altitude_m, FINAL_HEIGHT_M), NEAR_ALTITUDE_M) - FINAL_HEIGHT_M
    far = max(altitude_m - NEAR_ALTITUDE_M, 0.0)
    square = 2.0 * (NEAR_DECELERATION_M_S2 * near + FAR_DECELERATION_M_S2 * far)
    return math.sqrt(TOUCHDOWN_SPEED_M_S**2 + square)


@vectorize(cache=True)
def reference_deceleration_m_s2(altitude_m: float) -> float:
    """The deceleration (m/s^2) of a descent at the reference rate."""
    if altitude_m <= FINAL_HEIGHT_M:
        return 0.0
    return NEAR_DECELERATION_M_S2 if altitude_m < NEAR_ALTITUDE_M else FAR_DECELERATION_M_S2


@vectorize(cache=True)
def coast_time_s(altitude_m: float, descent_m_s: float) -> float:
    """How long a fall from this height (m) and rate (m/s) lasts until it meets the reference rate.

    Both are parabolas of speed squared over height. Above NEAR_ALTITUDE_M, with V the reference
    rate here and a its deceleration, (v + g t)^2 = V^2 - 2 a (v t + g t^2 / 2), so
    v + g t = sqrt((a v^2 + g V^2) / (a + g)). The other deceleration is taken where that fall
    would pass NEAR_ALTITUDE_M. Zero when already faster.
    """
    g = SURFACE_GRAVITY_M_S2
    reference = reference_descent_m_s(altitude_m)
    if descent_m_s >= reference:
        return 0.0
    v = descent_m_s
    meeting = math.sqrt(
        (FAR_DECELERATION_M_S2 * v * v + g * reference * reference) / (FAR_DECELERATION_M_S2 + g)
    )
    fallen = (meeting * meeting - v * v) / (2.0 * g)
    if altitude_m - fallen < NEAR_ALTITUDE_M:
        near = min(max(altitude_m, FINAL_HEIGHT_M), 1.0e9) - FINAL_HEIGHT_M
        square = TOUCHDOWN_SPEED_M_S**2 + 2.0 * NEAR_DECELERATION_M_S2 * near
        meeting = math.sqrt(
            (NEAR_DECELERATION_M_S2 * v * v + g * square) / (NEAR_DECELERATION_M_S2 + g)
        )
    return (meeting - v) / g


@vectorize(cache=True)
def far_braking_time_s(altitude_m: float) -> float:
    """How long (s) the reference descent takes down to NEAR_ALTITUDE_M."""
    rate = reference_descent_m_s(max(altitude_m, NEAR_ALTITUDE_M))
    return (rate - reference_descent_m_s(NEAR_ALTITUDE_M)) / FAR_DECELERATION_M_S2


@vectorize(cache=True)
def near_time_s(altitude_m: float) -> float:
    """About how long (s) the reference descent takes through the last NEAR_ALTITUDE_M."""
    rate = reference_descent_m_s(min(altitude_m, NEAR_ALTITUDE_M))
    return (rate - TOUCHDOWN_SPEED_M_S) / NEAR_DECELERATION_M_S2


@vectorize(cache=True)
def closing_m_s(distance_m: float, coast_s: float, braking_s: float, near_s: float) -> float:
    """The horizontal speed (m/s) that closes on a pad `distance_m` away: level while coasting for
    `coast_s`, then dying out with the `braking_s` of the engine and the `near_s` of the last metres.
    """
    end = SIDE_TIME_S + SIDE_NEAR_SHARE * near_s
    by_time = distance_m / (coast_s + math.hypot(SIDE_BRAKING_SHARE * braking_s, end))
    deceleration = min(
        NEAR_SIDE_DECELERATION_M_S2 + SIDE_SNAP_M_S4 * braking_s * braking_s,
        LARGEST_SIDE_DECELERATION_M_S2,
    )
    return min(by_time, math.sqrt(2.0 * deceleration * distance_m))


@vectorize(cache=True)
def reference_closing_m_s(altitude_m: float, distance_m: float) -> float:
    """The reference horizontal speed (m/s) towards the pad, for a descent at the reference rate."""
    braking_s = far_braking_time_s(altitude_m)
    return closing_m_s(distance_m, 0.0, braking_s, near_time_s(altitude_m))
