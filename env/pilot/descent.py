"""The guidance law: the desired thrust acceleration and direction.

Coast until the reference descent rate is met, then hold it; approach the pad so that it is reached
at the end of the descent. In vector form, with the velocity field v_ref of `guidance`: a =
d(v_ref)/dt + (v_ref - v) / tau + g.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.guidance import (
    TOUCHDOWN_SPEED_M_S,
    Braking,
    braking_deceleration_m_s2,
    braking_rate_m_s,
    coast_time_s,
    far_braking_time_s,
    near_time_s,
)
from env.pilot.sensed import Sensed
from env.pilot.steering import TIME_CONSTANT_S, TimeLeft, steering
from env.pilot.vectors import Numbers, Vectors, dot, limit, norm, unit

DESCENT_TIME_CONSTANT_S = 1.5
STEERING_LEAD_S = 1.5  # delay of the attitude control: steer for the craft's position after it
SMALLEST_LIFT_M_S2 = 1.1  # near the ground thrust is never off, as it also steers

# Near the ground the craft waits until it is over the pad with little horizontal speed.
WAITING_ALTITUDE_M = 300.0  # fades out between this and twice this height
PATIENCE_DISTANCE_M = 0.5
WAITING_PER_DISTANCE = 0.4
PATIENCE_SPEED_M_S = 0.2
WAITING_PER_SPEED_S = 2.0
LARGEST_WAITING_M = 80.0

# While coasting, small errors of the closing speed are left to the braking, which corrects them at
# no cost; larger ones are trimmed, with a tilt that can be turned back in time.
TRIM_BAND_M_S = 1.0
TRIM_BAND_RATE_M_S2 = 0.25  # by the braking that follows
LARGEST_TRIM_BAND_M_S = 5.0
LAST_TRIM_S = 3.0  # before braking
TRIM_TILT_RAD_S2 = 0.003
SMALLEST_TRIM_TILT_RAD = 0.3
LARGEST_TRIM_TILT_RAD = 1.35
WAITING_WEIGHT_M_S2 = 0.3  # weight of the direction needed for braking, while coasting

# Horizontal share of the lift and tilt: what the attitude control turns back before touchdown.
NEAR_LEAN = 0.18
NEAR_LEAN_RATE_PER_S = 0.008
LEAN_RATE_PER_S = 0.08
LARGEST_LEAN = 0.9
LANDING_TILT_RAD = 0.035
TILT_PER_TIME_SQUARED_RAD_S2 = 0.006
LARGEST_TILT_RAD = 1.45
FINAL_TIME_S = 1.5

Flags = npt.NDArray[np.bool_]


class Command(NamedTuple):
    """N craft, body axes."""

    acceleration_m_s2: Vectors  # (N, 3) that thrust should give
    aim: Vectors  # (N, 3) unit vector along which thrust should point
    engine_next: Flags  # (N,) about to brake by an engine


def command(
    state: Sensed,
    force_m_s2: Vectors,
    lead_s: Numbers,
    trim_capability_m_s2: Numbers,
    braking: Braking,
) -> Command:
    """The command for a craft in `state` whose thrust over mass is `force_m_s2` (N, 3), body axes.

    `lead_s` (N,): delay of the thrust. `trim_capability_m_s2` (N,): available while coasting.
    `braking`: the vehicle's.
    """
    up = state.up
    descent = -dot(state.velocity_m_s, up)
    sideways = state.velocity_m_s + descent[:, None] * up
    height = state.height_m - descent * lead_s
    coast = coast_time_s(height, descent, *braking)
    meeting = height - (descent + 0.5 * SURFACE_GRAVITY_M_S2 * coast) * coast
    left = TimeLeft(coast, far_braking_time_s(meeting, *braking), near_time_s(meeting, *braking))

    push = STEERING_LEAD_S * (force_m_s2 - dot(force_m_s2, up)[:, None] * up)
    pad = state.pad_m - STEERING_LEAD_S * (sideways + 0.5 * push)
    side = steering(pad, sideways + push, left.after(STEERING_LEAD_S), braking.far_m_s2)
    waiting_height_m = _waiting_height(height, norm(state.pad_m), norm(sideways))
    lift = _lift(height, descent, waiting_height_m, braking)

    coasting = (height > braking.near_altitude_m) & (coast > 1.0)
    lean = NEAR_LEAN + NEAR_LEAN_RATE_PER_S * left.near_s + LEAN_RATE_PER_S * left.braking_s
    lean = np.minimum(lean, LARGEST_LEAN)
    lift = np.maximum(lift, np.where(coasting, 0.0, SMALLEST_LIFT_M_S2))
    trim = _trim(norm(side), left, trim_capability_m_s2)
    side = limit(side, np.where(coasting, trim, lean * lift))
    lift = np.where(coasting, np.maximum(lift, norm(side) / np.tan(_trim_tilt(coast))), lift)
    acceleration = lift[:, None] * up + side

    # While coasting, point the nose where braking will need it.
    there = state.pad_m - coast[:, None] * sideways
    need_side = steering(there, sideways, left.after(coast), braking.far_m_s2)
    need_lift = SURFACE_GRAVITY_M_S2 + braking_deceleration_m_s2(meeting, *braking)
    need = unit(need_lift[:, None] * up + limit(need_side, lean * need_lift))
    aim = unit(acceleration + np.where(coasting, WAITING_WEIGHT_M_S2, 0.0)[:, None] * need)
    soon = coasting & (coast < 2.0 * LAST_TRIM_S) & (meeting > braking.near_altitude_m)
    return Command(acceleration, _lean(aim, up, _allowed_tilt(left)), soon)


def _lift(
    height: Numbers, descent: Numbers, waiting_height_m: Numbers, braking: Braking
) -> Numbers:
    """Upward acceleration onto the reference descent to `patience_m` above the ground."""
    left = np.maximum(height - waiting_height_m, 0.0)
    sink = np.clip(2.0 * height / np.maximum(waiting_height_m, 0.1) - 1.0, 0.0, 1.0)
    reference = braking_rate_m_s(left, *braking) * sink
    ahead = np.clip(descent / np.maximum(reference, TOUCHDOWN_SPEED_M_S), 0.0, 1.3)
    deceleration: Numbers = braking_deceleration_m_s2(left, *braking) * ahead
    correction: Numbers = (descent - reference) / DESCENT_TIME_CONSTANT_S
    return SURFACE_GRAVITY_M_S2 + deceleration + correction


def _waiting_height(height: Numbers, distance_m: Numbers, side_speed_m_s: Numbers) -> Numbers:
    """The height above the ground (m) at which the craft waits."""
    far = np.maximum(distance_m - PATIENCE_DISTANCE_M, 0.0)
    fast = np.maximum(side_speed_m_s - PATIENCE_SPEED_M_S, 0.0)
    waiting_height_m = WAITING_PER_DISTANCE * far + WAITING_PER_SPEED_S * fast
    fade = np.clip(2.0 - height / WAITING_ALTITUDE_M, 0.0, 1.0)
    return fade * np.minimum(waiting_height_m, LARGEST_WAITING_M)


def _trim(asked_m_s2: Numbers, left: TimeLeft, capability_m_s2: Numbers) -> Numbers:
    """The part of the demanded steering that is flown while coasting (m/s^2)."""
    band = np.minimum(TRIM_BAND_M_S + TRIM_BAND_RATE_M_S2 * left.braking_s, LARGEST_TRIM_BAND_M_S)
    fade = np.clip((left.coast_s - LAST_TRIM_S) / 4.0, 0.0, 1.0)
    beyond = fade * np.maximum(asked_m_s2 - band / TIME_CONSTANT_S, 0.0)
    return np.minimum(beyond, capability_m_s2 * np.sin(_trim_tilt(left.coast_s)))


def _trim_tilt(coast_s: Numbers) -> Numbers:
    """Maximum tilt of a coasting craft (rad)."""
    return np.clip(TRIM_TILT_RAD_S2 * coast_s**2, SMALLEST_TRIM_TILT_RAD, LARGEST_TRIM_TILT_RAD)


def _allowed_tilt(left: TimeLeft) -> Numbers:
    """Maximum tilt of any craft (rad)."""
    time_s = sum(left) + FINAL_TIME_S
    allowed = LANDING_TILT_RAD + TILT_PER_TIME_SQUARED_RAD_S2 * time_s**2
    return np.minimum(allowed, LARGEST_TILT_RAD)


def _lean(aim: Vectors, up: Vectors, allowed_rad: Numbers) -> Vectors:
    """`aim` as a unit vector, leaning at most `allowed_rad` (N,) from up."""
    along = np.maximum(dot(aim, up), 1e-3)
    level = aim - dot(aim, up)[:, None] * up
    return unit(along[:, None] * up + limit(level, along * np.tan(allowed_rad)))
