"""Attitude control: torque that turns the thrust towards the aim and stops roll."""

from __future__ import annotations

import numpy as np

from env.pilot.mass import MassProperties
from env.pilot.vectors import Numbers, Vectors, cross, dot, limit, norm

ANGLE_GAIN_PER_S = 0.8
RATE_GAIN_PER_S = 2.0
LARGEST_RATE_RAD_S = 0.09
BRAKING_SHARE = 0.6  # of the angular acceleration, used to stop a turn in time
LARGEST_DEMAND = 3.0  # maximum torque demand, in units of the RCS's torque


def turning_torque(
    direction: Vectors,
    aim: Vectors,
    rate_rad_s: Vectors,
    body: MassProperties,
    capability_nm: Numbers,
) -> Vectors:
    """Torque (N m), (N, 3), that turns `direction` onto `aim` (unit vectors, body axes).

    The rate falls off as the square root of the angle, so that `capability_nm` (N,) stops the turn
    in time, and proportionally near the aim.
    """
    axis = cross(direction, aim)
    sine = norm(axis)
    angle = np.arctan2(sine, dot(direction, aim))
    axis = axis / np.maximum(sine, 1e-9)[:, None]
    inertia = body.transverse_inertia_kg_m2
    stopping = np.sqrt(2.0 * BRAKING_SHARE * capability_nm / inertia * angle)
    speed = np.minimum(np.minimum(ANGLE_GAIN_PER_S * angle, stopping), LARGEST_RATE_RAD_S)
    wanted = axis * speed[:, None]
    torque = RATE_GAIN_PER_S * inertia[:, None] * (wanted - rate_rad_s)
    torque[:, 2] = 0.0
    torque = limit(torque, LARGEST_DEMAND * capability_nm)
    torque[:, 2] = -RATE_GAIN_PER_S * body.roll_inertia_kg_m2 * rate_rad_s[:, 2]
    return torque
