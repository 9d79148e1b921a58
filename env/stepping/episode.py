"""Starts episodes, and reads a craft's true state and instruments, compiled."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from env.base.moon import RADIUS_M
from env.base.random import scramble, split_mix, unit_uniform
from env.physics.attitude import body_to_inertial, tilt_sigma
from env.physics.vehicle import N_FEET, propellant_for_delta_v
from env.sensing.lidar import azimuthal_profile, scan
from env.sensing.sensors import disturb, draw_biases, is_out, lose_rays
from env.state.buffers import Buffers, doubles_at
from env.task.observation import observe
from env.task.reward import potential
from env.terrain.ground import ground_height_m
from env.terrain.site import choose_site

N_DRAWS = 8
_NOISE_STREAM = 0x6C62272E07BB0142  # separates the sensors' stream from the start's


@njit(cache=True, inline="always")
def begin_episode(buffers: Buffers, i: int) -> None:
    """Start craft i's next episode: its first state, and the observation of it."""
    place(buffers, i)
    buffers.episode[i].potential = look(buffers, i, 0.0).potential


@njit(cache=True)
def place(buffers: Buffers, i: int) -> None:
    """Draw craft i's first state from its next seed and write it into Basilisk's states."""
    model, episode, start = buffers.model[0], buffers.episode[i], buffers.start[i]
    maps, site = buffers.maps, buffers.site[i]
    episode.seed = episode.next_seed
    draw = episode.seed
    u = np.empty(N_DRAWS)
    for k in range(N_DRAWS):
        draw = split_mix(draw)
        u[k] = unit_uniform(draw)
    episode.next_seed = split_mix(draw)
    altitude = _between(start.altitude_m, u[0])
    downrange = _between(start.downrange_m, u[1])
    descent = _between(start.descent_rate_m_s, u[2])
    closing = _between(start.horizontal_speed_m_s, u[3])
    tilt = math.radians(_between(start.tilt_deg, u[4]))
    propellant = propellant_for_delta_v(model, _between(start.delta_v_m_s, u[5]))
    bearing, lean = 2 * math.pi * u[6], 2 * math.pi * u[7]
    choose_site(
        maps,
        site,
        start.ground_slope_deg[0],
        start.ground_slope_deg[1],
        start.relief,
        start.clear_radius_m,
        episode.seed,
    )

    _clear_records(buffers, i)
    episode.time_limit_s = start.time_limit_s
    episode.difficulty = start.difficulty
    episode.start_altitude_m = altitude
    episode.start_downrange_m = downrange
    episode.start_propellant_kg = propellant

    x, y = downrange * math.cos(bearing), downrange * math.sin(bearing)
    radius = RADIUS_M + ground_height_m(maps, site, x, y) + altitude + model.foot_offset_m
    position = doubles_at(buffers.state_address[i, 0], 3)
    position[0], position[1] = x, y
    position[2] = math.sqrt(radius * radius - x * x - y * y)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    velocity[0] = -closing * math.cos(bearing)
    velocity[1] = -closing * math.sin(bearing)
    velocity[2] = -descent
    tilt_sigma(tilt, lean, doubles_at(buffers.state_address[i, 2], 3))
    doubles_at(buffers.state_address[i, 3], 3)[:] = 0.0
    doubles_at(buffers.state_address[i, 4], 1)[0] = propellant * model.oxidizer_fraction
    doubles_at(buffers.state_address[i, 5], 1)[0] = propellant * (1.0 - model.oxidizer_fraction)

    buffers.stream[i] = scramble(episode.seed ^ np.uint64(_NOISE_STREAM))
    draw_biases(buffers.stream, i, buffers.bias)


@njit(cache=True, inline="always")
def _between(limits: Any, share: float) -> float:
    return float(limits[0] + (limits[1] - limits[0]) * share)


@njit(cache=True, inline="always")
def _clear_records(buffers: Buffers, i: int) -> None:
    episode = buffers.episode[i]
    episode.steps = 0
    episode.time_s = 0.0
    episode.return_ = 0.0
    episode.flight_steps = 0
    episode.command_change = 0.0
    episode.feet_down = 0
    episode.peak_compression_m = 0.0
    episode.touched = 0
    episode.touchdown_speed_m_s = 0.0
    episode.touchdown_tilt_rad = 0.0
    episode.next_scan_s = 0.0
    episode.rest_s = 0.0
    episode.settle_s = 0.0
    for j in range(N_FEET):
        buffers.foot[i, j].down = 0
        buffers.foot[i, j].sunk_m = 0.0
    buffers.delta_velocity[i, :] = 0.0
    buffers.actuator[i, :] = 0.0
    buffers.engine_wait_s[i, :] = 0.0
    buffers.component[i, :] = 0.0


@njit(cache=True, inline="always")
def propellant_kg(buffers: Buffers, i: int) -> float:
    """The propellant (kg) left in craft i's tanks."""
    oxidizer = doubles_at(buffers.state_address[i, 4], 1)
    fuel = doubles_at(buffers.state_address[i, 5], 1)
    return float(oxidizer[0] + fuel[0])


class Stance(NamedTuple):
    """A craft's true position (of the point between the feet, relative to the pad) and tilt."""

    height_m: float  # above the ground below it
    x_m: float
    y_m: float
    tilt_rad: float
    potential: float


@njit(cache=True)
def look(buffers: Buffers, i: int, interval_s: float) -> Stance:
    """Read craft i's instruments and fill its observation after a control interval.

    Returns the true stance. `interval_s` is 0 at the start of an episode.
    """
    model, episode, reading = buffers.model[0], buffers.episode[i], buffers.reading[i]
    sensors = buffers.sensors[i]
    held_m = reading.height_m
    held_x, held_y, held_z = (
        reading.velocity_m_s[0],
        reading.velocity_m_s[1],
        reading.velocity_m_s[2],
    )
    position = doubles_at(buffers.state_address[i, 0], 3)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    omega = doubles_at(buffers.state_address[i, 3], 3)
    dcm = reading.dcm
    body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
    up_z = dcm[2, 2]
    # the point between the feet, on the craft's axis
    drop = model.foot_offset_m
    x = position[0] - drop * dcm[0, 2]
    y = position[1] - drop * dcm[1, 2]
    z = position[2] - drop * dcm[2, 2]
    height = math.sqrt(x * x + y * y + z * z) - RADIUS_M
    height -= ground_height_m(buffers.maps, buffers.site[i], x, y)
    thrust = buffers.delta_velocity[i, 2] / interval_s if interval_s > 0.0 else 0.0
    value = potential(model, x, y, velocity, height, dcm, omega, thrust)

    reading.height_m = height
    reading.pad_offset_m[0], reading.pad_offset_m[1] = x, y
    for k in range(3):
        reading.velocity_m_s[k] = velocity[k]
        reading.omega_rad_s[k] = omega[k]
        felt = buffers.delta_velocity[i, k]
        reading.specific_force_m_s2[k] = felt / interval_s if interval_s > 0.0 else 0.0
        buffers.delta_velocity[i, k] = 0.0
    for k in range(2):
        reading.propellant_kg[k] = doubles_at(buffers.state_address[i, 4 + k], 1)[0]
    due = episode.time_s >= episode.next_scan_s - 1e-9
    if due:  # rays follow the true attitude; hits are levelled by the estimated one
        episode.next_scan_s += buffers.lidar[0].frame_interval_s
        scan(
            buffers.lidar[0],
            buffers.maps,
            buffers.site[i],
            position,
            dcm,
            model.lidar_position_m,
            buffers.stream,
            i,
            reading.ranges_m,
        )
        if sensors.ray_loss > 0.0:
            lose_rays(sensors, episode.seed, episode.steps, reading.ranges_m)
    if sensors.noisy == 1:
        disturb(sensors, buffers.bias, buffers.stream, i, reading)
    if interval_s > 0.0 and sensors.outage > 0.0 and is_out(sensors, episode.seed, episode.time_s):
        reading.height_m = held_m  # the last reading is held
        reading.velocity_m_s[0] = held_x
        reading.velocity_m_s[1] = held_y
        reading.velocity_m_s[2] = held_z
    if due:
        reading.lidar_returns = azimuthal_profile(
            buffers.lidar[0], reading.ranges_m, dcm[2], reading.profile
        )
    observe(
        model,
        episode,
        reading,
        buffers.actuator[i],
        buffers.low,
        buffers.high,
        buffers.observation[i],
    )
    return Stance(height, x, y, math.acos(min(max(up_z, -1.0), 1.0)), value)
