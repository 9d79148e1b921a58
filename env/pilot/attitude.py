"""Attitude control: the torque that turns the thrust towards the aim and stops all rolling."""

from __future__ import annotations

import numpy as np

from env.pilot.mass import MassProperties
from env.pilot.vectors import Numbers, Vectors, cross, dot, limit, norm

ANGLE_GAIN_PER_S = 0.8
RATE_GAIN_PER_S = 2.0
LARGEST_RATE_RAD_S = 0.09
BRAKING_SHARE = 0.6  # of the angular acceleration, kept for stopping a turn in time


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
    wanted[:, 2] = 0.0
    error = wanted - rate_rad_s
    torque = RATE_GAIN_PER_S * inertia[:, None] * error
    torque[:, 2] = RATE_GAIN_PER_S * body.roll_inertia_kg_m2 * error[:, 2]
    return np.concatenate(
        [limit(np.pad(torque[:, :2], ((0, 0), (0, 1))), 3.0 * capability_nm)[:, :2], torque[:, 2:]],
        axis=1,
    )
