"""After a control step, compiled: reward, outcome, and the start of the next episode.

The first contact of a foot cuts all thrust; then a passive craft settles and is judged at rest.
"""

from __future__ import annotations

import math

from numba import njit

from env.state.buffers import Buffers, doubles_at
from env.state.track import note_track
from env.stepping.episode import Stance, begin_episode, look, propellant_kg
from env.task.reward import (
    FUEL_BONUS,
    LANDING_REWARD,
    MAX_DISTANCE_M,
    MAX_REST_TILT_RAD,
    MAX_TOUCHDOWN_SPEED_M_S,
    N_COMPONENTS,
    Component,
    Outcome,
    attitude_bonus,
    failure_reward,
    precision_bonus,
    smoothness_bonus,
    softness_bonus,
)

REST_SPEED_M_S = 0.05
REST_SPIN_RAD_S = 0.01
REST_TIME_S = 1.0  # at rest for this time: it stands
SETTLE_LIMIT_S = 40.0  # still moving after this time: it does not stand
CRASH_TILT_RAD = math.radians(60.0)
CRASH_TILT_BELOW_M = 30.0
IMPACT_SPEED_M_S = 8.0  # a faster first contact breaks the legs
MAX_SPIN_RAD_S = 2.0


@njit(cache=True)
def judge(buffers: Buffers, i: int, interval_s: float) -> None:
    """Reward craft i's control step; if the episode ended, report it and start the next."""
    episode = buffers.episode[i]
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    omega = doubles_at(buffers.state_address[i, 3], 3)
    _note_command_change(buffers, i)
    episode.steps += 1
    episode.time_s += interval_s
    speed = math.sqrt(velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2)
    spin = math.sqrt(omega[0] ** 2 + omega[1] ** 2 + omega[2] ** 2)
    if episode.touched == 1:
        episode.settle_s += interval_s
        still = speed < REST_SPEED_M_S and spin < REST_SPIN_RAD_S and episode.feet_down >= 3
        episode.rest_s = episode.rest_s + interval_s if still else 0.0
    stance = look(buffers, i, interval_s)
    value = stance.potential
    if episode.touched == 1:
        value = episode.potential  # constant while settling: the quality of the touchdown counts
    reward = value - episode.potential
    episode.potential = value
    buffers.component[i, Component.SHAPING] += reward
    outcome = _outcome(buffers, i, stance, speed, spin)
    buffers.done[i] = outcome != Outcome.FLYING
    if outcome == Outcome.FLYING:
        episode.return_ += reward
        buffers.reward[i] = reward
        return
    reward += _reward_end(buffers, i, outcome, stance, speed)
    episode.return_ += reward
    buffers.reward[i] = reward
    _report(buffers, i, outcome, stance, speed, spin)
    begin_episode(buffers, i)


@njit(cache=True, inline="always")
def _note_command_change(buffers: Buffers, i: int) -> None:
    """Accumulate the change of the action from step to step until the first contact."""
    episode, n_actions = buffers.episode[i], buffers.model[0].n_actions
    change = 0.0
    for k in range(n_actions):
        difference = buffers.action[i, k] - buffers.previous_action[i, k]
        change += difference * difference
        buffers.previous_action[i, k] = buffers.action[i, k]
    if episode.steps > 0 and episode.touched == 0:
        episode.command_change += change / n_actions
        episode.flight_steps += 1


@njit(cache=True, inline="always")
def _roughness(buffers: Buffers, i: int) -> float:
    episode = buffers.episode[i]
    return float(episode.command_change / max(episode.flight_steps, 1))


@njit(cache=True, inline="always")
def _distance_m(stance: Stance) -> float:
    """Horizontal distance from the pad."""
    return math.sqrt(stance.x_m * stance.x_m + stance.y_m * stance.y_m)


@njit(cache=True, inline="always")
def _outcome(buffers: Buffers, i: int, stance: Stance, speed: float, spin: float) -> int:
    """The outcome of craft i's episode after a control step; FLYING while it continues."""
    vehicle, episode = buffers.vehicle[i], buffers.episode[i]
    height, tilt, distance = stance.height_m, stance.tilt_rad, _distance_m(stance)
    if not (math.isfinite(speed) and math.isfinite(spin)):
        return Outcome.ABORTED
    nose = height + vehicle.length_m * math.cos(tilt)
    if height < -vehicle.hull_clearance_m or nose < 0.0:
        return Outcome.CRASHED
    if tilt > CRASH_TILT_RAD and height < CRASH_TILT_BELOW_M:
        return Outcome.CRASHED
    if episode.touched == 1:
        return _settled_outcome(buffers, i, tilt, distance)
    if spin > MAX_SPIN_RAD_S:
        return Outcome.ABORTED
    ceiling = 1.1 * episode.start_altitude_m + 50.0
    if height > ceiling or distance > 1.5 * episode.start_downrange_m + 100.0 + 0.5 * height:
        return Outcome.ABORTED
    if episode.time_s >= episode.time_limit_s:
        return Outcome.TIMEOUT
    return Outcome.FLYING


@njit(cache=True, inline="always")
def _settled_outcome(buffers: Buffers, i: int, tilt: float, distance: float) -> int:
    """The outcome of a craft that has touched the ground; FLYING while it still moves."""
    vehicle, episode = buffers.vehicle[i], buffers.episode[i]
    if (
        episode.touchdown_speed_m_s > IMPACT_SPEED_M_S
        or episode.peak_compression_m > vehicle.leg_stroke_m
    ):
        return Outcome.CRASHED
    if episode.rest_s < REST_TIME_S and episode.settle_s < SETTLE_LIMIT_S:
        return Outcome.FLYING
    at_rest = episode.rest_s >= REST_TIME_S
    if not at_rest or tilt > MAX_REST_TILT_RAD or episode.feet_down < 3:
        return Outcome.CRASHED
    if episode.touchdown_speed_m_s > MAX_TOUCHDOWN_SPEED_M_S:
        return Outcome.HARD_LANDING
    if distance > MAX_DISTANCE_M:
        return Outcome.OFF_TARGET
    return Outcome.LANDED


@njit(cache=True, inline="always")
def _reward_end(buffers: Buffers, i: int, outcome: int, stance: Stance, speed: float) -> float:
    """Fill the reward components of an episode's end; returns their sum."""
    episode, component = buffers.episode[i], buffers.component[i]
    distance = _distance_m(stance)
    if outcome == Outcome.LANDED:
        fuel = propellant_kg(buffers, i) / episode.start_propellant_kg
        component[Component.LANDING] = LANDING_REWARD
        component[Component.PRECISION] = precision_bonus(distance)
        component[Component.SOFTNESS] = softness_bonus(episode.touchdown_speed_m_s)
        component[Component.ATTITUDE] = attitude_bonus(episode.touchdown_tilt_rad)
        component[Component.FUEL] = FUEL_BONUS * max(fuel, 0.0)
        component[Component.SMOOTHNESS] = smoothness_bonus(_roughness(buffers, i))
    else:
        at = episode.touchdown_speed_m_s if episode.touched == 1 else speed
        component[Component.FAILURE] = failure_reward(outcome, at, distance, stance.height_m)
    total = 0.0
    for k in range(1, N_COMPONENTS):
        total += component[k]
    return total


@njit(cache=True, inline="always")
def _report(
    buffers: Buffers, i: int, outcome: int, stance: Stance, speed: float, spin: float
) -> None:
    """Copy the ended episode into the buffers that Python reads."""
    episode, finished = buffers.episode[i], buffers.finished[i]
    finished.seed = episode.seed
    finished.difficulty = episode.difficulty
    finished.outcome = outcome
    finished.steps = episode.steps
    finished.time_s = episode.time_s
    finished.return_ = episode.return_
    finished.altitude_m = stance.height_m
    finished.x_m = stance.x_m
    finished.y_m = stance.y_m
    finished.tilt_rad = stance.tilt_rad
    finished.speed_m_s = speed
    finished.spin_rad_s = spin
    finished.touchdown_speed_m_s = episode.touchdown_speed_m_s
    finished.touchdown_tilt_rad = episode.touchdown_tilt_rad
    finished.fuel_fraction = propellant_kg(buffers, i) / episode.start_propellant_kg
    finished.roughness = _roughness(buffers, i)
    for k in range(N_COMPONENTS):
        finished.components[k] = buffers.component[i, k]
    note_track(buffers, i, finished.track)
    # Element by element: an assignment of arrays would compile numba's message on unequal shapes.
    for k in range(buffers.observation.shape[1]):
        buffers.last_observation[i, k] = buffers.observation[i, k]
