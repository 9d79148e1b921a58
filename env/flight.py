"""One craft's episode, compiled: begin it, act before a dynamics step, judge after a control step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from env.actuators import advance_actuators, thrust
from env.attitude import body_to_inertial, tilt_sigma
from env.buffers import N_ACTIONS, Buffers, doubles_at
from env.contact import CLEAR_HEIGHT_M, ground_contact
from env.moon import RADIUS_M
from env.observation import OBSERVATION_SIZE, observe
from env.random import split_mix, unit_uniform
from env.reward import (
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
    potential,
    precision_bonus,
    smoothness_bonus,
    softness_bonus,
)
from env.terrain import ground_height_m

REST_SPEED_M_S = 0.15
REST_SPIN_RAD_S = 0.01
REST_TIME_S = 0.5  # at rest for so long: it stands
SETTLE_LIMIT_S = 20.0  # still rocking after so long: judged as it is
CRASH_TILT_RAD = math.radians(60.0)
CRASH_TILT_BELOW_M = 30.0
IMPACT_SPEED_M_S = 8.0  # a first touch faster than this breaks the legs at once


@njit(cache=True)
def begin_episode(buffers: Buffers, i: int) -> None:
    """Draw craft i's first state from its next seed and write it into Basilisk's states."""
    vehicle, episode, start = buffers.vehicle[0], buffers.episode[i], buffers.start[i]
    episode.seed = episode.next_seed
    draw = episode.seed
    u = np.empty(11)
    for k in range(11):
        draw = split_mix(draw)
        u[k] = unit_uniform(draw)
    episode.next_seed = split_mix(draw)
    altitude = start[0] + (start[1] - start[0]) * u[0]
    downrange = start[2] + (start[3] - start[2]) * u[1]
    descent = start[4] + (start[5] - start[4]) * u[2]
    closing = start[6] + (start[7] - start[6]) * u[3]
    tilt = math.radians(start[8] + (start[9] - start[8]) * u[4])
    slope = math.tan(math.radians(start[10] + (start[11] - start[10]) * u[5]))
    propellant = 1000.0 * (start[12] + (start[13] - start[12]) * u[6])
    bearing, lean, fall = 2 * math.pi * u[7], 2 * math.pi * u[8], 2 * math.pi * u[9]
    episode.slope_x = slope * math.cos(fall)
    episode.slope_y = slope * math.sin(fall)
    x, y = downrange * math.cos(bearing), downrange * math.sin(bearing)
    ground = ground_height_m(x, y, episode.slope_x, episode.slope_y)
    radius = RADIUS_M + ground + altitude + vehicle.foot_offset_m

    position = doubles_at(buffers.state_address[i, 0], 3)
    position[0], position[1] = x, y
    position[2] = math.sqrt(radius * radius - x * x - y * y)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    velocity[0] = -closing * math.cos(bearing)
    velocity[1] = -closing * math.sin(bearing)
    velocity[2] = -descent
    tilt_sigma(tilt, lean, doubles_at(buffers.state_address[i, 2], 3))
    doubles_at(buffers.state_address[i, 3], 3)[:] = 0.0
    doubles_at(buffers.state_address[i, 4], 1)[0] = propellant * vehicle.oxidizer_fraction
    doubles_at(buffers.state_address[i, 5], 1)[0] = propellant * (1.0 - vehicle.oxidizer_fraction)

    episode.steps = 0
    episode.time_s = 0.0
    episode.time_limit_s = start[14]
    episode.start_altitude_m = altitude
    episode.start_downrange_m = downrange
    episode.start_propellant_kg = propellant
    episode.return_ = 0.0
    episode.command_change = 0.0
    episode.feet_down = 0
    episode.peak_compression_m = 0.0
    episode.touched = 0
    episode.touchdown_speed_m_s = 0.0
    episode.touchdown_tilt_rad = 0.0
    episode.rest_s = 0.0
    episode.settle_s = 0.0
    episode.outcome = Outcome.FLYING
    buffers.actuator[i, :] = 0.0
    buffers.engine_wait_s[i, :] = 0.0
    buffers.component[i, :] = 0.0
    look(buffers, i, True)


@njit(cache=True)
def look(buffers: Buffers, i: int, first: bool) -> tuple[float, float]:
    """Fill craft i's observation; return height of the feet and potential. `first` records it."""
    vehicle, episode = buffers.vehicle[0], buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    omega = doubles_at(buffers.state_address[i, 3], 3)
    dcm = np.empty((3, 3))
    body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
    propellant = (
        doubles_at(buffers.state_address[i, 4], 1)[0]
        + doubles_at(buffers.state_address[i, 5], 1)[0]
    )
    # the point between the feet, on the craft's axis
    drop = vehicle.foot_offset_m
    x = position[0] - drop * dcm[0, 2]
    y = position[1] - drop * dcm[1, 2]
    z = position[2] - drop * dcm[2, 2]
    height = math.sqrt(x * x + y * y + z * z) - RADIUS_M
    height -= ground_height_m(x, y, episode.slope_x, episode.slope_y)
    spin = math.sqrt(omega[0] ** 2 + omega[1] ** 2 + omega[2] ** 2)
    value = potential(
        position[0],
        position[1],
        height,
        velocity[0],
        velocity[1],
        velocity[2],
        dcm[2, 2],
        spin,
    )
    if first:
        episode.potential = value
    observe(
        vehicle,
        episode,
        buffers.actuator[i],
        height,
        position,
        velocity,
        omega,
        dcm,
        propellant,
        buffers.observation[i],
    )
    return height, value


@njit(cache=True)
def act(buffers: Buffers, i: int, dt_s: float, force: Any, torque: Any) -> float:
    """Force (N) and torque (N m) on craft i in body axes for the coming step; returns flow (kg/s)."""
    vehicle, episode = buffers.vehicle[0], buffers.episode[i]
    force[:] = 0.0
    torque[:] = 0.0
    cut = episode.touched == 1
    advance_actuators(
        vehicle, buffers.action[i], buffers.actuator[i], buffers.engine_wait_s[i], dt_s, cut
    )
    propellant = (
        doubles_at(buffers.state_address[i, 4], 1)[0]
        + doubles_at(buffers.state_address[i, 5], 1)[0]
    )
    flow = thrust(vehicle, buffers.actuator[i], propellant, dt_s, force, torque)
    position = doubles_at(buffers.state_address[i, 0], 3)
    radius = math.sqrt(position[0] ** 2 + position[1] ** 2 + position[2] ** 2)
    ground = ground_height_m(position[0], position[1], episode.slope_x, episode.slope_y)
    clearance = vehicle.foot_offset_m + CLEAR_HEIGHT_M
    feet = 0
    if radius - RADIUS_M - ground < clearance:
        velocity = doubles_at(buffers.state_address[i, 1], 3)
        omega = doubles_at(buffers.state_address[i, 3], 3)
        dcm = np.empty((3, 3))
        body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
        feet, peak = ground_contact(
            vehicle,
            episode.slope_x,
            episode.slope_y,
            position,
            velocity,
            omega,
            dcm,
            force,
            torque,
        )
        episode.peak_compression_m = max(episode.peak_compression_m, peak)
        if feet > 0 and episode.touched == 0:
            episode.touched = 1
            episode.touchdown_speed_m_s = math.sqrt(
                velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2
            )
            episode.touchdown_tilt_rad = math.acos(min(dcm[2, 2], 1.0))
    episode.feet_down = feet
    return flow


@njit(cache=True)
def _outcome(buffers: Buffers, i: int, height: float, speed: float, spin: float, up: float) -> int:
    """How craft i's episode stands after a control step."""
    vehicle, episode = buffers.vehicle[0], buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    distance = math.sqrt(position[0] ** 2 + position[1] ** 2)
    tilt = math.acos(min(max(up, -1.0), 1.0))
    if episode.touched == 1:
        if (
            episode.touchdown_speed_m_s > IMPACT_SPEED_M_S
            or episode.peak_compression_m > vehicle.leg_stroke_m
        ):
            return Outcome.CRASHED
        if episode.rest_s >= REST_TIME_S or episode.settle_s >= SETTLE_LIMIT_S:
            if tilt > MAX_REST_TILT_RAD or episode.feet_down < 3:
                return Outcome.CRASHED
            if episode.touchdown_speed_m_s > MAX_TOUCHDOWN_SPEED_M_S:
                return Outcome.HARD_LANDING
            if distance > MAX_DISTANCE_M:
                return Outcome.OFF_TARGET
            return Outcome.LANDED
    if tilt > CRASH_TILT_RAD and height < CRASH_TILT_BELOW_M:
        return Outcome.CRASHED
    if height < -2.0:
        return Outcome.CRASHED
    ceiling = 1.1 * episode.start_altitude_m + 50.0
    if height > ceiling or distance > 1.5 * episode.start_downrange_m + 100.0 + 0.5 * height:
        return Outcome.ABORTED
    if not (math.isfinite(speed) and math.isfinite(spin)) or spin > 2.0:
        return Outcome.ABORTED
    if episode.time_s >= episode.time_limit_s:
        return Outcome.TIMEOUT
    return Outcome.FLYING


@njit(cache=True)
def judge(buffers: Buffers, i: int, interval_s: float) -> None:
    """After a control step: reward, outcome, observation; begin the next episode where this ended."""
    episode = buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    omega = doubles_at(buffers.state_address[i, 3], 3)
    change = 0.0
    for k in range(N_ACTIONS):
        difference = buffers.action[i, k] - buffers.previous_action[i, k]
        change += difference * difference
        buffers.previous_action[i, k] = buffers.action[i, k]
    if episode.steps > 0 and episode.touched == 0:
        episode.command_change += change / N_ACTIONS
    episode.steps += 1
    episode.time_s += interval_s
    speed = math.sqrt(velocity[0] ** 2 + velocity[1] ** 2 + velocity[2] ** 2)
    spin = math.sqrt(omega[0] ** 2 + omega[1] ** 2 + omega[2] ** 2)
    if episode.touched == 1:
        episode.settle_s += interval_s
        still = speed < REST_SPEED_M_S and spin < REST_SPIN_RAD_S and episode.feet_down >= 3
        episode.rest_s = episode.rest_s + interval_s if still else 0.0
    height, value = look(buffers, i, False)
    shaping = value - episode.potential
    episode.potential = value
    component = buffers.component[i]
    component[Component.SHAPING] += shaping
    reward = shaping
    outcome = _outcome(buffers, i, height, speed, spin, _up(buffers, i))
    if outcome != Outcome.FLYING:
        distance = math.sqrt(position[0] ** 2 + position[1] ** 2)
        roughness = episode.command_change / max(episode.steps - 1, 1)
        fuel = (
            doubles_at(buffers.state_address[i, 4], 1)[0]
            + doubles_at(buffers.state_address[i, 5], 1)[0]
        ) / episode.start_propellant_kg
        if outcome == Outcome.LANDED:
            component[Component.LANDING] = LANDING_REWARD
            component[Component.PRECISION] = precision_bonus(distance)
            component[Component.SOFTNESS] = softness_bonus(episode.touchdown_speed_m_s)
            component[Component.ATTITUDE] = attitude_bonus(episode.touchdown_tilt_rad)
            component[Component.FUEL] = FUEL_BONUS * max(fuel, 0.0)
            component[Component.SMOOTHNESS] = smoothness_bonus(roughness)
        else:
            at = episode.touchdown_speed_m_s if episode.touched == 1 else speed
            component[Component.FAILURE] = failure_reward(outcome, at, distance)
        for k in range(1, N_COMPONENTS):
            reward += component[k]
    episode.return_ += reward
    buffers.reward[i] = reward
    buffers.done[i] = outcome != Outcome.FLYING
    if outcome != Outcome.FLYING:
        finished = buffers.finished[i]
        finished.seed = episode.seed
        finished.outcome = outcome
        finished.steps = episode.steps
        finished.time_s = episode.time_s
        finished.return_ = episode.return_
        finished.altitude_m = height
        finished.distance_m = distance
        finished.speed_m_s = speed
        finished.touchdown_speed_m_s = episode.touchdown_speed_m_s
        finished.touchdown_tilt_rad = episode.touchdown_tilt_rad
        finished.fuel_fraction = fuel
        finished.roughness = roughness
        for k in range(N_COMPONENTS):
            finished.components[k] = component[k]
        for k in range(OBSERVATION_SIZE):
            buffers.last_observation[i, k] = buffers.observation[i, k]
        begin_episode(buffers, i)


@njit(cache=True)
def _up(buffers: Buffers, i: int) -> float:
    """Cosine of craft i's tilt."""
    sigma = doubles_at(buffers.state_address[i, 2], 3)
    square = sigma[0] ** 2 + sigma[1] ** 2 + sigma[2] ** 2
    sideways = sigma[0] ** 2 + sigma[1] ** 2
    return 1.0 - 8.0 * sideways / (1.0 + square) ** 2
