"""The guidance law: which acceleration the thrust should give, and where the nose should point.

Coast until the reference descent rate is met, then hold it; close on the pad meanwhile so that it
is reached when the descent is over. In vector form, with the velocity field v_ref of env.guidance:
a = d(v_ref)/dt + (v_ref - v) / tau + g.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.guidance import (
    NEAR_ALTITUDE_M,
    TOUCHDOWN_SPEED_M_S,
    closing_m_s,
    coast_time_s,
    far_braking_time_s,
    near_time_s,
    reference_deceleration_m_s2,
    reference_descent_m_s,
)
from env.moon import SURFACE_GRAVITY_M_S2
from env.pilot.sensed import Sensed
from env.pilot.vectors import Numbers, Vectors, dot, limit, norm, unit

DESCENT_TIME_CONSTANT_S = 1.5
SIDE_TIME_CONSTANT_S = 3.0
STEERING_LEAD_S = 1.5  # the delay of the attitude control: steer for where the craft will be then
FINAL_TIME_S = 1.5
PATIENCE_ALTITUDE_M = 300.0  # fades out from here to twice as high
PATIENCE_DISTANCE_M = 1.5
PATIENCE_PER_DISTANCE = 0.4
PATIENCE_SPEED_M_S = 0.2
PATIENCE_PER_SPEED_S = 2.0
LOOK_AHEAD_S = 0.2  # over which the change of the closing speed is taken
TRIM_BAND_M_S = 1.0
TRIM_BAND_RATE_M_S2 = 0.25
LARGEST_TRIM_BAND_M_S = 5.0
TRIM_TILT_RAD_S2 = 0.003
SMALLEST_TRIM_TILT_RAD = 0.3
LARGEST_TRIM_TILT_RAD = 1.35
LEVEL_FLIGHT_TILT_RAD = 1.45
LANDING_TILT_RAD = 0.035
TILT_PER_TIME_SQUARED_RAD_S2 = 0.006  # what the attitude control turns back in time
STEEP_LEAN = 0.18  # largest horizontal share of the lift near the ground ...
LEAN_RATE_PER_S = 0.08  # ... what each second of braking still to come adds ...
NEAR_LEAN_RATE_PER_S = 0.008  # ... and each of the last metres
LARGEST_LEAN = 0.9
SMALLEST_LIFT_M_S2 = 1.1  # near the ground thrust is never off, for it also steers


Flags = npt.NDArray[np.bool_]


class TimeLeft(NamedTuple):
    """Phases of the descent, seconds, each (N,)."""

    coast_s: Numbers
    braking_s: Numbers  # by an engine
    near_s: Numbers  # the last metres


class Command(NamedTuple):
    """N craft, body axes."""

    acceleration_m_s2: Vectors  # (N, 3) that thrust should give
    aim: Vectors  # (N, 3) unit vector along which thrust should point
    braking: Flags  # (N,) not coasting
    engine_next: Flags  # (N,) coasting to a height at which an engine will brake


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
    braking_time = far_braking_time_s(meeting_height)
    push = force_m_s2 - dot(force_m_s2, up)[:, None] * up
    pad = state.pad_m - STEERING_LEAD_S * (sideways + 0.5 * STEERING_LEAD_S * push)
    soon = sideways + STEERING_LEAD_S * push
    left = TimeLeft(coast, braking_time, near_time_s(meeting_height))
    steering = _steering(pad, soon, _later(left, STEERING_LEAD_S))
    patience = _patience(norm(state.pad_m), norm(sideways))
    patience = patience * np.clip(2.0 - height / PATIENCE_ALTITUDE_M, 0.0, 1.0)
    lift = _lift(height, descent, patience)
    high = height > NEAR_ALTITUDE_M
    coasting = high & (coast > 1.0)
    lift = np.maximum(lift, np.where(coasting, 0.0, SMALLEST_LIFT_M_S2))
    lean = STEEP_LEAN + LEAN_RATE_PER_S * braking_time + NEAR_LEAN_RATE_PER_S * left.near_s
    lean = np.minimum(lean, LARGEST_LEAN)
    # While coasting, small errors are left to the braking, whose thrust corrects them at no cost.
    band = np.minimum(TRIM_BAND_M_S + TRIM_BAND_RATE_M_S2 * braking_time, LARGEST_TRIM_BAND_M_S)
    error = norm(steering) * SIDE_TIME_CONSTANT_S
    fade = np.clip((coast - 3.0) / 4.0, 0.0, 1.0)
    trim = fade * np.maximum(error - band, 0.0) / SIDE_TIME_CONSTANT_S
    steering = limit(steering, np.where(coasting, np.minimum(trim, side_capability_m_s2), lean * lift))
    coast_tilt = np.clip(TRIM_TILT_RAD_S2 * coast**2, SMALLEST_TRIM_TILT_RAD, LARGEST_TRIM_TILT_RAD)
    raised = norm(steering) / np.tan(coast_tilt)
    lift = np.where(coasting, np.maximum(lift, raised), lift)
    acceleration = lift[:, None] * up + steering
    # While coasting the nose waits where braking will need it.
    at_meeting = TimeLeft(0.0 * coast, braking_time, left.near_s)
    need_side = _steering(state.pad_m - coast[:, None] * sideways, sideways, at_meeting)
    need_lift = g + reference_deceleration_m_s2(meeting_height)
    need = unit(need_lift[:, None] * up + limit(need_side, lean * need_lift))
    aim = unit(acceleration + np.where(coasting, 0.3, 0.0)[:, None] * need)
    time_to_ground = coast + braking_time + left.near_s + FINAL_TIME_S
    allowed = LANDING_TILT_RAD + TILT_PER_TIME_SQUARED_RAD_S2 * time_to_ground**2
    allowed = np.minimum(allowed, LEVEL_FLIGHT_TILT_RAD)
    return Command(acceleration, _lean(aim, up, allowed), coast < 1.0, coasting & (coast < 6.0) & (meeting_height > NEAR_ALTITUDE_M + 20.0))


def _lift(height: Numbers, descent: Numbers, patience_m: Numbers) -> Numbers:
    """Upward acceleration that holds the reference descent rate to `patience_m` above the ground."""
    left = np.maximum(height - patience_m, 0.0)
    reference = reference_descent_m_s(left) * np.clip(2.0 * height / np.maximum(patience_m, 0.1) - 1.0, 0.0, 1.0)
    ahead = np.clip(descent / np.maximum(reference, TOUCHDOWN_SPEED_M_S), 0.0, 1.3)
    lift: Numbers = SURFACE_GRAVITY_M_S2 + reference_deceleration_m_s2(left) * ahead
    return lift + (descent - reference) / DESCENT_TIME_CONSTANT_S


def _patience(distance_m: Numbers, side_speed_m_s: Numbers) -> Numbers:
    """How high above the ground (m) the craft waits for the pad and for its horizontal speed."""
    far = np.maximum(distance_m - PATIENCE_DISTANCE_M, 0.0)
    fast = np.maximum(side_speed_m_s - PATIENCE_SPEED_M_S, 0.0)
    return np.minimum(PATIENCE_PER_DISTANCE * far + PATIENCE_PER_SPEED_S * fast, 80.0)


def _steering(pad_m: Vectors, sideways: Vectors, left: TimeLeft) -> Vectors:
    """Horizontal acceleration that brings the horizontal velocity onto the closing speed."""
    now = _closing(pad_m, left)
    soon = _closing(pad_m - LOOK_AHEAD_S * sideways, _later(left, LOOK_AHEAD_S))
    return (soon - now) / LOOK_AHEAD_S + (now - sideways) / SIDE_TIME_CONSTANT_S


def _later(left: TimeLeft, time_s: float) -> TimeLeft:
    """What is left `time_s` on."""
    coast = left.coast_s - time_s
    braking = left.braking_s + np.minimum(coast, 0.0)
    near = left.near_s + np.minimum(braking, 0.0)
    return TimeLeft(np.maximum(coast, 0.0), np.maximum(braking, 0.0), np.maximum(near, 0.0))


def _closing(pad_m: Vectors, left: TimeLeft) -> Vectors:
    speed: Numbers = closing_m_s(norm(pad_m), *left)
    return speed[:, None] * unit(pad_m)


def _lean(aim: Vectors, up: Vectors, allowed_rad: Numbers) -> Vectors:
    """`aim` as a unit vector, leaning at most `allowed_rad` (N,) from up."""
    along = np.maximum(dot(aim, up), 1e-3)
    level = aim - dot(aim, up)[:, None] * up
    return unit(along[:, None] * up + limit(level, along * np.tan(allowed_rad)))
