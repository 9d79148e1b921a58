"""The beginning of an episode, and what a craft's state looks like, compiled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from env.attitude import body_to_inertial, tilt_sigma
from env.buffers import Buffers, doubles_at
from env.moon import RADIUS_M
from env.observation import observe
from env.random import split_mix, unit_uniform
from env.reward import potential
from env.terrain import ground_height_m
from env.vehicle import N_FEET

N_DRAWS = 10


@njit(cache=True)
def begin_episode(buffers: Buffers, i: int) -> None:
    """Draw craft i's first state from its next seed and write it into Basilisk's states."""
    vehicle, episode, start = buffers.vehicle[0], buffers.episode[i], buffers.start[i]
    site = buffers.site[i]
    episode.seed = episode.next_seed
    draw = episode.seed
    u = np.empty(N_DRAWS)
    for k in range(N_DRAWS):
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

    _clear_records(buffers, i)
    episode.time_limit_s = start[14]
    episode.start_altitude_m = altitude
    episode.start_downrange_m = downrange
    episode.start_propellant_kg = propellant
    site.slope_x = slope * math.cos(fall)
    site.slope_y = slope * math.sin(fall)
    site.steepest = slope

    x, y = downrange * math.cos(bearing), downrange * math.sin(bearing)
    ground = ground_height_m(buffers.maps, site, x, y)
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
    _, episode.potential = look(buffers, i)


@njit(cache=True)
def _clear_records(buffers: Buffers, i: int) -> None:
    episode = buffers.episode[i]
    episode.steps = 0
    episode.time_s = 0.0
    episode.return_ = 0.0
    episode.command_change = 0.0
    episode.feet_down = 0
    episode.peak_compression_m = 0.0
    episode.touched = 0
    episode.touchdown_speed_m_s = 0.0
    episode.touchdown_tilt_rad = 0.0
    episode.rest_s = 0.0
    episode.settle_s = 0.0
    for j in range(N_FEET):
        buffers.foot[i, j].down = 0
        buffers.foot[i, j].sunk_m = 0.0
    buffers.actuator[i, :] = 0.0
    buffers.engine_wait_s[i, :] = 0.0
    buffers.component[i, :] = 0.0


@njit(cache=True)
def propellant_kg(buffers: Buffers, i: int) -> float:
    """What craft i has left in both tanks."""
    oxidizer = doubles_at(buffers.state_address[i, 4], 1)
    fuel = doubles_at(buffers.state_address[i, 5], 1)
    return float(oxidizer[0] + fuel[0])


@njit(cache=True)
def look(buffers: Buffers, i: int) -> tuple[float, float]:
    """Fill craft i's observation; return the height of its feet (m) and its potential."""
    vehicle, episode = buffers.vehicle[0], buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    omega = doubles_at(buffers.state_address[i, 3], 3)
    dcm = np.empty((3, 3))
    body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
    # the point between the feet, on the craft's axis
    drop = vehicle.foot_offset_m
    x = position[0] - drop * dcm[0, 2]
    y = position[1] - drop * dcm[1, 2]
    z = position[2] - drop * dcm[2, 2]
    height = math.sqrt(x * x + y * y + z * z) - RADIUS_M
    height -= ground_height_m(buffers.maps, buffers.site[i], x, y)
    spin = math.sqrt(omega[0] ** 2 + omega[1] ** 2 + omega[2] ** 2)
    value = potential(position, velocity, height, dcm[2, 2], spin)
    observe(
        vehicle,
        episode,
        buffers.site[i],
        buffers.actuator[i],
        height,
        position,
        velocity,
        omega,
        dcm,
        propellant_kg(buffers, i),
        buffers.observation[i],
    )
    return height, value
