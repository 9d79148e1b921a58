"""Forces on a craft during a dynamics step, compiled: actuators and ground contact."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from env.physics.actuators import advance_actuators, thrust
from env.physics.attitude import body_to_inertial
from env.physics.contact import ground_contact, may_touch
from env.state.buffers import Buffers, doubles_at
from env.stepping.episode import propellant_kg


@njit(cache=True)
def act(buffers: Buffers, i: int, dt_s: float, force: Any, torque: Any) -> float:
    """Fill craft i's force (N) and torque (N m), body axes, for a step; return mass flow (kg/s)."""
    vehicle, episode = buffers.vehicle[i], buffers.episode[i]
    force[:] = 0.0
    torque[:] = 0.0
    cut = episode.touched == 1
    advance_actuators(
        vehicle, buffers.action[i], buffers.actuator[i], buffers.engine_wait_s[i], dt_s, cut
    )
    lost = vehicle.lost_engine
    if lost >= 0 and episode.time_s >= vehicle.engine_loss_s:
        buffers.actuator[i, lost] = 0.0
    held = propellant_kg(buffers, i)
    flow = thrust(vehicle, buffers.actuator[i], held, dt_s, force, torque)
    _touch(buffers, i, dt_s, force, torque)
    for k in range(3):
        buffers.delta_velocity[i, k] += force[k] / (vehicle.hub_mass_kg + held) * dt_s
    return float(flow)


@njit(cache=True, inline="always")
def _touch(buffers: Buffers, i: int, dt_s: float, force: Any, torque: Any) -> None:
    """Add the contact forces on craft i's feet, and record its first contact."""
    vehicle, episode = buffers.vehicle[i], buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    episode.feet_down = 0
    if not may_touch(vehicle, buffers.maps, buffers.site[i], position):
        return
    dcm = np.empty((3, 3))
    body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
    contact = ground_contact(
        vehicle,
        buffers.maps,
        buffers.site[i],
        buffers.foot[i],
        dt_s,
        position,
        doubles_at(buffers.state_address[i, 1], 3),
        doubles_at(buffers.state_address[i, 3], 3),
        dcm,
        force,
        torque,
    )
    episode.feet_down = contact.feet_down
    episode.peak_compression_m = max(episode.peak_compression_m, contact.peak_compression_m)
    # Not only the first foot counts: the fastest contact of any foot until the craft rests.
    episode.touchdown_speed_m_s = max(episode.touchdown_speed_m_s, contact.touch_speed_m_s)
    if contact.feet_down > 0 and episode.touched == 0:
        episode.touched = 1
        episode.touchdown_tilt_rad = math.acos(min(dcm[2, 2], 1.0))
