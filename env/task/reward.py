"""The reward, compiled: bounded potential-based shaping, and the reward of an episode's end.

Shaping is the difference of a potential between two states, so along any path it sums to the
potential's last value minus its first: at most `POTENTIAL_MAX`, however long the path.
Ng, Harada, Russell: Policy invariance under reward transformations, ICML 1999.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

from numba import njit

from env.task.reference import acceleration_demand, below_centre, velocity_error


class Outcome(IntEnum):
    """How an episode ended."""

    FLYING = 0
    LANDED = 1  # stands on the pad, touched down softly: the only success
    HARD_LANDING = 2  # stands, but touched down too fast
    OFF_TARGET = 3  # stands, but too far from the pad
    CRASHED = 4  # hull or collapsed leg on the ground, or toppled
    ABORTED = 5  # left the volume of the descent
    TIMEOUT = 6


class Component(IntEnum):
    """Parts of the reward, each summed over the episode and reported by name."""

    SHAPING = 0
    LANDING = 1
    PRECISION = 2
    SOFTNESS = 3
    ATTITUDE = 4
    FUEL = 5
    SMOOTHNESS = 6
    FAILURE = 7


N_COMPONENTS = len(Component)

# The checklist: landing +1000, bonuses to 1600, both beside the shaping (env.task.returns);
# touchdown below 3 m/s.
LANDING_REWARD = 1000.0
PRECISION_BONUS = 200.0
SOFTNESS_BONUS = 150.0
ATTITUDE_BONUS = 75.0
FUEL_BONUS = 100.0
SMOOTHNESS_BONUS = 75.0
MAX_TOUCHDOWN_SPEED_M_S = 3.0
MAX_DISTANCE_M = 20.0
MAX_REST_TILT_RAD = math.radians(12.0)

CRASH_PENALTY = -300.0
CRASH_SPEED_PENALTY = -150.0  # reached asymptotically with impact speed
HARD_LANDING_PENALTY = -120.0
OFF_TARGET_PENALTY = -120.0
TIMEOUT_PENALTY = -420.0
TIMEOUT_DISTANCE_PENALTY = -60.0  # reached asymptotically with the distance from the pad
ABORT_PENALTY = -470.0
ABORT_SPEED_PENALTY = -60.0  # reached asymptotically with speed

SIDE_POTENTIAL = 80.0  # the horizontal velocity's
SINK_POTENTIAL = 60.0  # the descent rate's
APPROACH_POTENTIAL = 100.0
ATTITUDE_POTENTIAL = 60.0  # for the last few degrees of the thrust direction ...
TURNING_POTENTIAL = 60.0  # ... and linear, a gradient for large errors
TURNING_RANGE_RAD = 1.0
SPIN_POTENTIAL = 40.0
THRUST_POTENTIAL = 40.0  # of the thrust along the nose
ROLL_POTENTIAL = 60.0  # linear, a gradient also for fast roll
LARGEST_ROLL_RAD_S = 0.5
POTENTIAL_MAX = (
    SIDE_POTENTIAL
    + SINK_POTENTIAL
    + APPROACH_POTENTIAL
    + ATTITUDE_POTENTIAL
    + TURNING_POTENTIAL
    + SPIN_POTENTIAL
    + THRUST_POTENTIAL
    + ROLL_POTENTIAL
)


@njit(cache=True)
def approach_potential(distance_m: float) -> float:
    """Falls with the logarithm of the distance from the pad."""
    return APPROACH_POTENTIAL * (1.0 - min(math.log(1.0 + distance_m / 2.0) / 10.0, 1.0))


@njit(cache=True)
def potential(
    vehicle: Any,
    x: float,
    y: float,
    velocity: Any,
    height: float,
    dcm: Any,
    omega: Any,
    thrust_m_s2: float,
) -> float:
    """Between 0 and POTENTIAL_MAX: near the pad, at the reference velocity, the nose where thrust
    should point, as much thrust as is asked for, not spinning.

    `vehicle` is a VEHICLE_DTYPE record, `x`, `y` (m) of the point between the feet and `velocity`
    (m/s) in pad axes, `height` (m) of the feet above the ground, `dcm` (3, 3) from body to pad,
    `omega` (rad/s) about the body's axes, `thrust_m_s2` felt along the nose.
    """
    x, y = below_centre(vehicle, x, y, dcm)
    error = velocity_error(vehicle, x, y, height, velocity)
    distance = math.sqrt(x * x + y * y + max(height, 0.0) ** 2)
    ax, ay, az = acceleration_demand(vehicle, x, y, height, velocity, error)
    along = dcm[0, 2] * ax + dcm[1, 2] * ay + dcm[2, 2] * az
    cosine = along / math.sqrt(ax * ax + ay * ay + az * az)
    off = math.acos(min(max(cosine, -1.0), 1.0))
    side = math.hypot(error.x, error.y)
    value = SIDE_POTENTIAL / (1.0 + side / error.side_scale_m_s)
    value += SINK_POTENTIAL / (1.0 + abs(error.z) / error.sink_scale_m_s)
    value += approach_potential(distance)
    value += ATTITUDE_POTENTIAL / (1.0 + off / 0.1)
    value += TURNING_POTENTIAL * (1.0 - min(off / TURNING_RANGE_RAD, 1.0))
    spin = math.sqrt(omega[0] ** 2 + omega[1] ** 2 + omega[2] ** 2)
    value += THRUST_POTENTIAL / (1.0 + abs(thrust_m_s2 - max(along, 0.0)))
    value += SPIN_POTENTIAL / (1.0 + spin / 0.1)
    value += ROLL_POTENTIAL * (1.0 - min(abs(omega[2]) / LARGEST_ROLL_RAD_S, 1.0))
    return float(value)


@njit(cache=True)
def failure_reward(outcome: int, speed_m_s: float, distance_m: float, height_m: float) -> float:
    """The reward of an end that is not a landing, graded by severity. Always negative."""
    if outcome == Outcome.HARD_LANDING:
        over = max(speed_m_s - MAX_TOUCHDOWN_SPEED_M_S, 0.0)
        return HARD_LANDING_PENALTY * (1.0 + over / (over + 2.0))
    if outcome == Outcome.OFF_TARGET:
        over = max(distance_m - MAX_DISTANCE_M, 0.0)
        return OFF_TARGET_PENALTY * (1.0 + over / (over + 20.0))
    if outcome == Outcome.CRASHED:
        return CRASH_PENALTY + CRASH_SPEED_PENALTY * speed_m_s / (speed_m_s + 15.0)
    if outcome == Outcome.ABORTED:
        return ABORT_PENALTY + ABORT_SPEED_PENALTY * speed_m_s / (speed_m_s + 50.0)
    away = math.hypot(distance_m, height_m)
    return TIMEOUT_PENALTY + TIMEOUT_DISTANCE_PENALTY * away / (away + 100.0)


@njit(cache=True)
def precision_bonus(distance_m: float) -> float:
    """Maximum at the pad's centre, half at 5 m."""
    return PRECISION_BONUS / (1.0 + distance_m / 5.0)


@njit(cache=True)
def softness_bonus(touchdown_speed_m_s: float) -> float:
    """Maximum at rest, 0 at the limit."""
    return SOFTNESS_BONUS * max(1.0 - touchdown_speed_m_s / MAX_TOUCHDOWN_SPEED_M_S, 0.0)


@njit(cache=True)
def attitude_bonus(touchdown_tilt_rad: float) -> float:
    """Maximum when upright, 0 at the largest tilt at rest."""
    return ATTITUDE_BONUS * max(1.0 - touchdown_tilt_rad / MAX_REST_TILT_RAD, 0.0)


@njit(cache=True)
def smoothness_bonus(roughness: float) -> float:
    """`roughness`: mean squared change of the action from step to step."""
    return SMOOTHNESS_BONUS / (1.0 + 20.0 * roughness)
