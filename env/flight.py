"""What pushes a craft during a dynamics step, compiled: its actuators and the ground."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from env.actuators import advance_actuators, thrust
from env.attitude import body_to_inertial
from env.buffers import Buffers, doubles_at
from env.contact import CLEAR_HEIGHT_M, ground_contact
from env.episode import propellant_kg
from env.moon import RADIUS_M
from env.terrain import ground_height_m


@njit(cache=True)
def act(buffers: Buffers, i: int, dt_s: float, force: Any, torque: Any) -> float:
    """Fill craft i's force (N) and torque (N m), body axes, for a step; return its flow (kg/s)."""
    vehicle, episode = buffers.vehicle[0], buffers.episode[i]
    force[:] = 0.0
    torque[:] = 0.0
    cut = episode.touched == 1
    advance_actuators(
        vehicle, buffers.action[i], buffers.actuator[i], buffers.engine_wait_s[i], dt_s, cut
    )
    held = propellant_kg(buffers, i)
    flow = thrust(vehicle, buffers.actuator[i], held, dt_s, force, torque)
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
    return float(flow)
