"""Four legs on the ground, compiled: spring and damper along the normal, Coulomb friction along it.

The friction is regularised: linear in slip speed up to the Coulomb limit, so a craft at rest on a
slope creeps by mm/s instead of sticking. Springs are as soft as real legs, which is what a 50 ms
step integrates well.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.moon import RADIUS_M
from env.terrain.ground import ground_height_and_slope, ground_height_m
from env.vehicle import N_FEET

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

CLEAR_HEIGHT_M = 10.0  # above this no foot can touch within a step
ONSET_M = 0.05  # damping builds up over this compression, so that touching is no blow


@njit(cache=True)
def ground_contact(
    vehicle: Any,
    maps: Any,
    site: Any,
    foot: Any,
    position: Vector,
    velocity: Vector,
    omega: Vector,
    dcm: Matrix,
    dt_s: float,
    force: Vector,
    torque: Vector,
) -> tuple[int, float, float]:
    """Add contact force and torque in body axes; return feet that touch and the peak compression.

    `position` (m) and `velocity` (m/s) are of the body origin in Moon-centred axes, `omega` (rad/s)
    in body axes, `dcm` is [NB].
    """
    feet = 0
    peak = 0.0
    fastest = 0.0
    for j in range(N_FEET):
        b0 = vehicle.foot_position_m[j, 0]
        b1 = vehicle.foot_position_m[j, 1]
        b2 = vehicle.foot_position_m[j, 2]
        x = position[0] + dcm[0, 0] * b0 + dcm[0, 1] * b1 + dcm[0, 2] * b2
        y = position[1] + dcm[1, 0] * b0 + dcm[1, 1] * b1 + dcm[1, 2] * b2
        z = position[2] + dcm[2, 0] * b0 + dcm[2, 1] * b1 + dcm[2, 2] * b2
        height = math.sqrt(x * x + y * y + z * z) - RADIUS_M
        ground, slope_x, slope_y = ground_height_and_slope(maps, site, x, y)
        slope_up = 1.0 / math.sqrt(1.0 + slope_x * slope_x + slope_y * slope_y)
        nx, ny, nz = -slope_x * slope_up, -slope_y * slope_up, slope_up
        height -= ground
        if height >= 0.0:
            continue
        feet += 1
        compression = -height * nz
        peak = max(peak, compression)
        # foot velocity: v + [NB] (omega x r)
        w0 = omega[1] * b2 - omega[2] * b1
        w1 = omega[2] * b0 - omega[0] * b2
        w2 = omega[0] * b1 - omega[1] * b0
        vx = velocity[0] + dcm[0, 0] * w0 + dcm[0, 1] * w1 + dcm[0, 2] * w2
        vy = velocity[1] + dcm[1, 0] * w0 + dcm[1, 1] * w1 + dcm[1, 2] * w2
        vz = velocity[2] + dcm[2, 0] * w0 + dcm[2, 1] * w1 + dcm[2, 2] * w2
        fastest = max(fastest, math.sqrt(vx * vx + vy * vy + vz * vz))
        closing = vx * nx + vy * ny + vz * nz
        onset = min(compression / ONSET_M, 1.0)
        normal = vehicle.leg_stiffness_n_m * compression
        normal -= vehicle.leg_damping_n_s_m * onset * closing
        if normal <= 0.0:
            continue
        sx, sy, sz = vx - closing * nx, vy - closing * ny, vz - closing * nz
        slip = math.sqrt(sx * sx + sy * sy + sz * sz)
        grip = vehicle.leg_lateral_damping_n_s_m
        if grip * slip > vehicle.foot_friction * normal:
            grip = vehicle.foot_friction * normal / slip
        fx = normal * nx - grip * sx
        fy = normal * ny - grip * sy
        fz = normal * nz - grip * sz
        f0 = dcm[0, 0] * fx + dcm[1, 0] * fy + dcm[2, 0] * fz
        f1 = dcm[0, 1] * fx + dcm[1, 1] * fy + dcm[2, 1] * fz
        f2 = dcm[0, 2] * fx + dcm[1, 2] * fy + dcm[2, 2] * fz
        force[0] += f0
        force[1] += f1
        force[2] += f2
        torque[0] += b1 * f2 - b2 * f1
        torque[1] += b2 * f0 - b0 * f2
        torque[2] += b0 * f1 - b1 * f0
    return feet, peak, fastest


@njit(cache=True)
def lift_feet(foot: Any) -> None:
    """x"""


@njit(cache=True)
def is_clear(vehicle: Any, maps: Any, site: Any, position: Any) -> bool:
    """x"""
    radius = math.sqrt(position[0] ** 2 + position[1] ** 2 + position[2] ** 2)
    return bool(
        radius - RADIUS_M - ground_height_m(maps, site, position[0], position[1])
        > vehicle.foot_offset_m + CLEAR_HEIGHT_M
    )


FOOT_DTYPE = np.dtype([("anchor", np.float64)])
