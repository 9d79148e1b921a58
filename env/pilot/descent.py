"""The guidance law: which acceleration the thrust should give, and where the nose should point.

Coast until the reference descent rate is met, then hold it; close on the pad meanwhile so that it
is reached when the descent is over. In vector form, with the velocity field v_ref of env.guidance:
a = d(v_ref)/dt + (v_ref - v) / tau + g.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from env.guidance import (
    NEAR_ALTITUDE_M,
    closing_m_s,
    coast_time_s,
    far_braking_time_s,
    reference_deceleration_m_s2,
    reference_descent_m_s,
)
from env.moon import SURFACE_GRAVITY_M_S2
from env.pilot.sensed import Sensed
from env.pilot.vectors import Numbers, Vectors, dot, limit, norm, unit

DESCENT_TIME_CONSTANT_S = 1.5
SIDE_TIME_CONSTANT_S = 2.5
STEERING_LEAD_S = 1.0  # the delay of the attitude control: steer for where the craft will be then
LOOK_AHEAD_S = 0.2  # over which the change of the closing speed is taken
TRIM_DEADBAND_M_S = 1.5  # while coasting, a smaller error of the horizontal speed is left alone
LAST_TRIM_S = 12.0  # before braking: from then on the craft turns to brake
LEVEL_FLIGHT_TILT_RAD = 1.45
LANDING_TILT_RAD = 0.035
TILT_PER_TIME_SQUARED_RAD_S2 = 0.006  # what the attitude control turns back in time
SMALLEST_LIFT_M_S2 = 1.1  # near the ground thrust is never off, for it also steers


class Command(NamedTuple):
    """N craft, body axes."""

    acceleration_m_s2: Vectors  # (N, 3) that thrust should give
    aim: Vectors  # (N, 3) unit vector along which thrust should point
    braking: Numbers  # (N,) bool: not coasting


def _brake_speed(height_m: Numbers) -> Numbers:
    speed: Numbers = reference_descent_m_s(height_m)
    return speed


def command(
    state: Sensed, force_m_s2: Vectors, lead_s: Numbers, side_capability_m_s2: Numbers
) -> Command:
    """The command for what `state` will be after `lead_s` (N,), the delay of the thrust.

    `side_capability_m_s2` (N,): acceleration that steering may ask for while coasting.
    """
    g = SURFACE_GRAVITY_M_S2
    up = state.up
    descent = -dot(state.velocity_m_s, up)
    sideways = state.velocity_m_s + descent[:, None] * up
    height = state.height_m - descent * lead_s
    coast = coast_time_s(height, descent)
    meeting = descent + g * coast  # the rate at which the reference is met
    meeting_height = height - 0.5 * (descent + meeting) * coast
    reference = _brake_speed(height)
    ahead = np.minimum(descent / reference, 1.3)
    lift = g + reference_deceleration_m_s2(height) * ahead
    lift = lift + (descent - reference) / DESCENT_TIME_CONSTANT_S

    braking_time = far_braking_time_s(meeting_height)
    push = force_m_s2 - dot(force_m_s2, up)[:, None] * up
    pad = state.pad_m - STEERING_LEAD_S * (sideways + 0.5 * STEERING_LEAD_S * push)
    soon = sideways + STEERING_LEAD_S * push
    soon_coast, soon_braking = _later(coast, braking_time, STEERING_LEAD_S)
    steering = _steering(pad, soon, soon_coast, soon_braking)
    trimming = coast > LAST_TRIM_S
    coasting_error = norm(steering) * SIDE_TIME_CONSTANT_S
    wanted = np.where(trimming & (coasting_error < TRIM_DEADBAND_M_S), 0.0, side_capability_m_s2)
    wanted = np.where(trimming, wanted, np.inf)
    steering = limit(steering, wanted)

    floor = np.where(trimming, 0.0, SMALLEST_LIFT_M_S2)
    floor = np.where((height > NEAR_ALTITUDE_M) & (coast > 1.0), 0.0, floor)
    lift = np.maximum(lift, floor)
    # While coasting the nose waits where braking will need it.
    waiting = (g + reference_deceleration_m_s2(meeting_height))[:, None] * up
    waiting = waiting - sideways / (0.5 * (braking_time + 8.0))[:, None]
    share = np.clip(coast / 3.0, 0.0, 1.0)[:, None]
    acceleration = lift[:, None] * up + steering
    aim = acceleration + 0.1 * share * unit(waiting)
    aim = np.where(
        (coast > 1.0)[:, None] & ~trimming[:, None], unit(waiting) * share + (1 - share) * aim, aim
    )
    time_to_ground = coast + braking_time + _near_time(height)
    allowed = LANDING_TILT_RAD + TILT_PER_TIME_SQUARED_RAD_S2 * time_to_ground**2
    allowed = np.minimum(allowed, LEVEL_FLIGHT_TILT_RAD)
    return Command(acceleration, _lean(aim, up, allowed), coast < 1.0)


def _near_time(height_m: Numbers) -> Numbers:
    """About how long the last metres take, s."""
    low = np.minimum(height_m, NEAR_ALTITUDE_M)
    time: Numbers = 2.0 * np.maximum(low, 0.0) / (_brake_speed(low) + _brake_speed(low * 0.0))
    return time


def _steering(pad_m: Vectors, sideways: Vectors, coast: Numbers, braking: Numbers) -> Vectors:
    """Horizontal acceleration that brings the horizontal velocity onto the closing speed."""
    now = _closing(pad_m, coast, braking)
    later_coast, later_braking = _later(coast, braking, LOOK_AHEAD_S)
    later = _closing(pad_m - LOOK_AHEAD_S * sideways, later_coast, later_braking)
    return (later - now) / LOOK_AHEAD_S + (now - sideways) / SIDE_TIME_CONSTANT_S


def _later(coast: Numbers, braking: Numbers, time_s: float) -> tuple[Numbers, Numbers]:
    """Coasting and braking time that are left `time_s` on."""
    over = np.maximum(time_s - coast, 0.0)
    return np.maximum(coast - time_s, 0.0), np.maximum(braking - over, 0.0)


def _closing(pad_m: Vectors, coast: Numbers, braking: Numbers) -> Vectors:
    speed: Numbers = closing_m_s(norm(pad_m), coast, braking)
    return speed[:, None] * unit(pad_m)


def _lean(aim: Vectors, up: Vectors, allowed_rad: Numbers) -> Vectors:
    """`aim` as a unit vector, leaning at most `allowed_rad` (N,) from up."""
    along = np.maximum(dot(aim, up), 1e-3)
    level = aim - dot(aim, up)[:, None] * up
    return unit(along[:, None] * up + limit(level, along * np.tan(allowed_rad)))
