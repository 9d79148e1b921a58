"""The reference field at a craft's state, compiled: velocity error and acceleration demand.

The observation contains the deviation from the reference, and the shaping potential increases as it
decreases (env.task.observation, env.task.reward).

The field's position is that of `below_centre`: the velocity is that of the body axes' origin, and
the feet swing about it with each tilt, on the starship-hls 2.9 m ahead of it at 8 degrees. By a
field of the feet's position they come to rest over the pad while the craft still leans, and are
short of it once it is upright.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.guidance import (
    braking_deceleration_m_s2,
    closing_m_s,
    largest_closing_m_s,
    reference_closing_m_s,
    reference_sink_m_s,
    side_scale_m_s,
    sink_scale_m_s,
    time_left_s,
)

SINK_TIME_CONSTANT_S = 1.5  # time constant of descent rate errors
SIDE_TIME_CONSTANT_S = 3.0  # time constant of horizontal velocity errors ...
SIDE_COAST_SHARE = 0.15  # ... plus this share of the coasting time
LOOK_AHEAD_S = 0.2  # over which the change of the closing velocity is taken
# Thrust asked for at least, so that the demand points up: a craft that coasts stays upright. While
# there is long to coast less, for it only burns propellant.
SMALLEST_LIFT_M_S2 = 1.0
COASTING_LIFT_M_S2 = 0.3
LESS_LIFT_PER_S = 0.07
# Tangent of the lean allowed: at the ground and with each metre above it, further up, and anywhere;
# with each second left to coast, and anywhere then.
LEVEL_LEAN, LEVEL_LEAN_PER_M = 0.05, 0.015
NEAR_LEAN, NEAR_LEAN_PER_M = 0.2, 0.001
LARGEST_LEAN = 0.6
COASTING_LEAN_PER_S, LARGEST_COASTING_LEAN = 0.01, 1.5


class VelocityError(NamedTuple):
    """Velocity minus the reference (m/s, pad axes), and the scales of the errors."""

    x: float
    y: float
    z: float
    side_scale_m_s: float
    sink_scale_m_s: float


@njit(cache=True)
def below_centre(vehicle: Any, x: float, y: float, dcm: Any) -> tuple[float, float]:
    """Where the body axes' origin is horizontally (m, pad axes), and the feet once upright.

    `vehicle` is a VEHICLE_DTYPE record, `x`, `y` (m) of the point between the feet in pad axes,
    `dcm` (3, 3) from body to pad.
    """
    return x + vehicle.foot_offset_m * dcm[0, 2], y + vehicle.foot_offset_m * dcm[1, 2]


@njit(cache=True)
def velocity_error(vehicle: Any, x: float, y: float, height: float, velocity: Any) -> VelocityError:
    """The error of a velocity (3,), m/s in pad axes, against the vehicle's reference.

    Horizontally the reference reaches the pad in the time of the craft's own descent: a craft that
    still falls slowly has longer. `vehicle` is a VEHICLE_DTYPE record, `x`, `y` (m) as of
    `below_centre`.
    """
    distance = math.sqrt(x * x + y * y)
    near_altitude, near, far = vehicle.near_altitude_m, vehicle.near_m_s2, vehicle.far_m_s2
    down = reference_sink_m_s(height, distance, near_altitude, near, far)
    closing = reference_closing_m_s(height, distance, -velocity[2], near_altitude, near, far)
    share = closing / max(distance, 1e-6)
    side, sink = side_scale_m_s(closing, down), sink_scale_m_s(down)
    return VelocityError(
        velocity[0] + share * x, velocity[1] + share * y, velocity[2] + down, side, sink
    )


@njit(cache=True)
def acceleration_demand(
    vehicle: Any, x: float, y: float, height: float, velocity: Any, error: VelocityError
) -> tuple[float, float, float]:
    """The acceleration (m/s^2, pad axes) demanded from thrust, including weight.

    It follows the reference's change, corrects the velocity error within the time constants above,
    and limits the tilt by height. `velocity` (3,) and `error` (of `velocity_error`) in m/s and pad
    axes.
    """
    vx, vy, vz = velocity[0], velocity[1], velocity[2]
    share = min(max(-vz / max(error.z - vz, 0.1), 0.0), 1.2)
    slowing = braking_deceleration_m_s2(
        height, vehicle.near_altitude_m, vehicle.near_m_s2, vehicle.far_m_s2
    )
    up = SURFACE_GRAVITY_M_S2 + slowing * share * share - error.z / SINK_TIME_CONSTANT_S
    left = time_left_s(height, -vz, vehicle.near_altitude_m, vehicle.near_m_s2, vehicle.far_m_s2)
    coast = left[0]
    cx, cy = vx - error.x, vy - error.y
    ahead_x, ahead_y = x + LOOK_AHEAD_S * vx, y + LOOK_AHEAD_S * vy
    soon_x, soon_y = _closing_velocity(
        vehicle, ahead_x, ahead_y, height + LOOK_AHEAD_S * vz, _after(left, LOOK_AHEAD_S)
    )
    within_s = SIDE_TIME_CONSTANT_S + SIDE_COAST_SHARE * coast
    ax = (soon_x - cx) / LOOK_AHEAD_S - error.x / within_s
    ay = (soon_y - cy) / LOOK_AHEAD_S - error.y / within_s
    above = max(height, 0.0)
    lean = min(
        LEVEL_LEAN + LEVEL_LEAN_PER_M * above,
        NEAR_LEAN + NEAR_LEAN_PER_M * above,
        LARGEST_LEAN + COASTING_LEAN_PER_S * coast,
        LARGEST_COASTING_LEAN,
    )
    side, most = math.hypot(ax, ay), lean * max(up, SMALLEST_LIFT_M_S2)
    if side > most:
        ax, ay, side = ax * most / side, ay * most / side, most
    least = max(SMALLEST_LIFT_M_S2 - LESS_LIFT_PER_S * coast, COASTING_LIFT_M_S2)
    return ax, ay, max(up, least, side / lean)


@njit(cache=True)
def _after(left: tuple[float, float, float], time_s: float) -> tuple[float, float, float]:
    coast = left[0] - time_s
    braking = left[1] + min(coast, 0.0)
    return max(coast, 0.0), max(braking, 0.0), max(left[2] + min(braking, 0.0), 0.0)


@njit(cache=True)
def _closing_velocity(
    vehicle: Any, x: float, y: float, height: float, left: tuple[float, float, float]
) -> tuple[float, float]:
    """The reference's horizontal velocity (m/s, pad axes)."""
    distance = math.sqrt(x * x + y * y)
    speed = closing_m_s(distance, left[0], left[1], left[2], vehicle.far_m_s2)
    speed = min(speed, largest_closing_m_s(height))
    share = -speed / max(distance, 1e-6)
    return share * x, share * y
