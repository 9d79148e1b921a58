"""What a good descent would do now, compiled: the reference field as seen from a craft's state.

The observation tells a policy how far it is from the reference, and the shaping potential grows as
it comes nearer (env.observation, env.reward).
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from env.guidance import braking_deceleration_m_s2, reference_closing_m_s, reference_sink_m_s
from env.moon import SURFACE_GRAVITY_M_S2

SINK_TIME_CONSTANT_S = 1.5  # in which an error of the descent rate is corrected
SIDE_TIME_CONSTANT_S = 3.0  # and one of the horizontal velocity
# Of the deceleration that keeps the horizontal velocity on a field that closes in proportion to the
# distance; the field's speed dies out a little slower than that.
SIDE_SLOWING_SHARE = 0.7
SMALLEST_LIFT_M_S2 = 1.0  # so that the demand points up: a craft that coasts stays upright
# Tangent of the lean allowed: at the ground and with each metre above it, further up, and anywhere.
LEVEL_LEAN, LEVEL_LEAN_PER_M = 0.05, 0.015
NEAR_LEAN, NEAR_LEAN_PER_M = 0.2, 0.001
LARGEST_LEAN = 0.6


@njit(cache=True)
def velocity_error(
    vehicle: Any, x: float, y: float, height: float, vx: float, vy: float, vz: float
) -> tuple[float, float, float, float]:
    """Velocity minus the vehicle's reference field (m/s, pad axes), and the reference speed (m/s).

    `vehicle` is a VEHICLE_DTYPE record.
    """
    distance = math.sqrt(x * x + y * y)
    near_altitude, near, far = vehicle.near_altitude_m, vehicle.near_m_s2, vehicle.far_m_s2
    down = reference_sink_m_s(height, distance, near_altitude, near, far)
    closing = reference_closing_m_s(height, distance, near_altitude, near, far)
    scale = closing / max(distance, 1e-6)
    speed = math.sqrt(down * down + closing * closing)
    return vx + scale * x, vy + scale * y, vz + down, speed


@njit(cache=True)
def acceleration_demand(
    vehicle: Any,
    x: float,
    y: float,
    height: float,
    velocity: Any,
    error: tuple[float, float, float],
) -> tuple[float, float, float]:
    """The acceleration (m/s^2, pad axes) that thrust should give, weight included.

    It follows the reference field's own deceleration, takes the velocity error away within the time
    constants above, and leans no more than the height allows. `velocity` (3,) and `error`, what
    :func:`velocity_error` says of it, in m/s and pad axes.
    """
    ex, ey, ez = error
    vx, vy, vz = velocity[0], velocity[1], velocity[2]
    sink = ez - vz
    share = min(max(-vz / max(sink, 0.1), 0.0), 1.2)
    slowing = braking_deceleration_m_s2(
        height, vehicle.near_altitude_m, vehicle.near_m_s2, vehicle.far_m_s2
    )
    up = SURFACE_GRAVITY_M_S2 + slowing * share * share - ez / SINK_TIME_CONSTANT_S
    up = max(up, SMALLEST_LIFT_M_S2)
    closing = math.hypot(vx - ex, vy - ey)
    slowing = SIDE_SLOWING_SHARE * closing / max(math.hypot(x, y), 1.0)
    ax = -ex / SIDE_TIME_CONSTANT_S - slowing * vx
    ay = -ey / SIDE_TIME_CONSTANT_S - slowing * vy
    side = math.hypot(ax, ay)
    above = max(height, 0.0)
    level, near = LEVEL_LEAN + LEVEL_LEAN_PER_M * above, NEAR_LEAN + NEAR_LEAN_PER_M * above
    most = min(level, near, LARGEST_LEAN) * up
    if side > most:
        ax, ay = ax * most / side, ay * most / side
    return ax, ay, up
