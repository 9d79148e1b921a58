"""Four legs on the ground, compiled: spring and damper across it, stick and slip along it.

**Across.** A foot whose sole is `gap` below the ground, measured along the Moon's radius, and has
sunk into regolith (`regolith`) compresses its leg by e = gap - sunk and is pushed by k e along
minus the gradient of the gap. That is the gradient of k e^2 / 2, so the spring gives back no more
than it took, on any continuous ground. The damper builds up over a few centimetres of compression,
so that contact starts without a jump; a leg never pulls.

**Along.** A foot that touches is anchored. A spring and a damper tie it to its anchor in the plane
of the ground, with no more force than Coulomb's limit; beyond it the anchor is dragged along
(Cundall and Strack, Geotechnique 29, 1979). So a craft at rest on a slope does not creep, and a
sliding one is braked by the limit. Dragging an anchor only relaxes its spring.

**In steps.** Basilisk holds a force over a whole dynamics step of h = 50 ms. A spring force taken
at a step's beginning would then feed an oscillation of angular frequency w: amplitudes grow by 1 +
(w h)^2 / 4 a step. Taken where the foot will be at half the step, x + v h / 2, the map of an
undamped oscillator from step to step has determinant 1: neither growth nor decay while (w h)^2 < 4.
Legs are as soft as real ones: the fastest mode, a pitch of the light vehicle, has w h = 0.55.
Dampers act on the velocity at the beginning and are stable below c h / m = 2; the strongest damped
mode, of the same vehicle, has 1.04. Tests hold both. The remaining error: if a foot meets the
ground in a step's second half, its spring gains up to k (v h / 2)^2 / 2 of energy, a thousandth of
what the damper dissipates.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from env.base.moon import RADIUS_M
from env.physics.regolith import sinkage_m
from env.physics.vehicle import N_FEET
from env.terrain.ground import ground_height_and_slope, ground_height_m

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

CLEAR_HEIGHT_M = 10.0  # with all feet above this height there is no contact within a step
LARGEST_STEP_S = 0.05  # largest simulation step for which all vehicles' legs are stable: see above
ONSET_M = 0.05  # compression at which the damper acts in full

FOOT_DTYPE = np.dtype(
    [
        ("down", np.int64),  # 1 while the foot presses on the ground
        ("anchor_x_m", np.float64),  # anchor position, Moon-centred
        ("anchor_y_m", np.float64),
        ("sunk_m", np.float64),  # into the regolith, along the Moon's radius
    ]
)


class Contact(NamedTuple):
    """The contact during one step."""

    feet_down: int
    peak_compression_m: float  # largest of all legs
    touch_speed_m_s: float  # fastest foot that makes contact in this step; 0 if none


@njit(cache=True)
def may_touch(vehicle: Any, maps: Any, site: Any, position: Vector) -> bool:
    """Whether a foot can be less than CLEAR_HEIGHT_M above ground, in any attitude.

    If not, `ground_contact` would find no contact up to 2 CLEAR_HEIGHT_M / h (400 m/s at
    50 ms), and skipping it changes nothing. `position` (m) is Moon-centred.
    """
    x, y, z = position[0], position[1], position[2]
    height = math.sqrt(x * x + y * y + z * z) - RADIUS_M - ground_height_m(maps, site, x, y)
    return bool(height < CLEAR_HEIGHT_M + vehicle.foot_reach_m * (1.0 + site.steepest))


@njit(cache=True)
def ground_contact(
    vehicle: Any,
    maps: Any,
    site: Any,
    feet: Any,
    dt_s: float,
    position: Vector,
    velocity: Vector,
    omega: Vector,
    dcm: Matrix,
    force: Vector,
    torque: Vector,
) -> Contact:
    """Add contact force (N) and torque (N m about the body origin) in body axes for a step.

    `position` (m) and `velocity` (m/s) are of the body origin in Moon-centred axes, `omega` (rad/s)
    in body axes, `dcm` is [NB]. `feet` holds one FOOT_DTYPE record per foot, kept from step to
    step. A foot that leaves the ground resets its sinkage: the next contact is on undisturbed
    regolith.
    """
    feet_down = 0
    peak = 0.0
    touch_speed = 0.0
    arm, push, dragged = np.empty(3), np.empty(3), np.empty(3)
    for j in range(N_FEET):
        foot = feet[j]
        for k in range(3):
            arm[k] = vehicle.foot_position_m[j, k]
        vx, vy, vz = _velocity_of(arm, velocity, omega, dcm)
        x = position[0] + _row(dcm, 0, arm) + 0.5 * dt_s * vx
        y = position[1] + _row(dcm, 1, arm) + 0.5 * dt_s * vy
        z = position[2] + _row(dcm, 2, arm) + 0.5 * dt_s * vz
        radius = math.sqrt(x * x + y * y + z * z)
        height, slope_x, slope_y = ground_height_and_slope(maps, site, x, y)
        gap = height - (radius - RADIUS_M)
        if gap <= 0.0:
            foot.down = 0
            foot.sunk_m = 0.0
            continue
        foot.sunk_m = sinkage_m(
            gap, foot.sunk_m, vehicle.leg_stiffness_n_m, vehicle.bearing_stiffness_n_m
        )
        compression = gap - foot.sunk_m
        if compression <= 0.0:
            foot.down = 0
            continue
        if foot.down == 0:
            foot.down = 1
            foot.anchor_x_m, foot.anchor_y_m = x, y
            touch_speed = max(touch_speed, math.sqrt(vx * vx + vy * vy + vz * vz))
        feet_down += 1
        peak = max(peak, compression)
        # minus the gradient of the gap, and the unit normal
        nx, ny, nz = x / radius - slope_x, y / radius - slope_y, z / radius
        steep = math.sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz = nx / steep, ny / steep, nz / steep
        opening = vx * nx + vy * ny + vz * nz
        normal = vehicle.leg_stiffness_n_m * compression * steep
        normal -= vehicle.leg_damping_n_s_m * min(compression / ONSET_M, 1.0) * opening
        normal = max(normal, 0.0)
        dragged[0], dragged[1] = x - foot.anchor_x_m, y - foot.anchor_y_m
        dragged[2] = -(nx * dragged[0] + ny * dragged[1]) / nz
        slack = _grip(
            vehicle,
            normal,
            dragged,
            vx - opening * nx,
            vy - opening * ny,
            vz - opening * nz,
            push,
        )
        foot.anchor_x_m += slack * dragged[0]
        foot.anchor_y_m += slack * dragged[1]
        push[0] += normal * nx
        push[1] += normal * ny
        push[2] += normal * nz
        _apply(arm, push, dcm, force, torque)
    return Contact(feet_down, peak, touch_speed)


@njit(cache=True, inline="always")
def _row(dcm: Matrix, k: int, arm: Vector) -> float:
    return float(dcm[k, 0] * arm[0] + dcm[k, 1] * arm[1] + dcm[k, 2] * arm[2])


@njit(cache=True, inline="always")
def _velocity_of(
    arm: Vector, velocity: Vector, omega: Vector, dcm: Matrix
) -> tuple[float, float, float]:
    """Velocity of a point of the body in Moon-centred axes: v + [NB] (omega x arm)."""
    w0 = omega[1] * arm[2] - omega[2] * arm[1]
    w1 = omega[2] * arm[0] - omega[0] * arm[2]
    w2 = omega[0] * arm[1] - omega[1] * arm[0]
    return (
        velocity[0] + dcm[0, 0] * w0 + dcm[0, 1] * w1 + dcm[0, 2] * w2,
        velocity[1] + dcm[1, 0] * w0 + dcm[1, 1] * w1 + dcm[1, 2] * w2,
        velocity[2] + dcm[2, 0] * w0 + dcm[2, 1] * w1 + dcm[2, 2] * w2,
    )


@njit(cache=True)
def _grip(
    vehicle: Any, normal: float, dragged: Vector, sx: float, sy: float, sz: float, push: Vector
) -> float:
    """Write friction (N) into `push`; return the share of `dragged` by which the anchor moves.

    `dragged` (m) is from the anchor to the foot and `sx`, `sy`, `sz` the slip velocity (m/s), both
    in the plane of the ground.
    """
    limit = vehicle.foot_friction * normal
    stretch = math.sqrt(dragged[0] ** 2 + dragged[1] ** 2 + dragged[2] ** 2)
    spring = vehicle.leg_lateral_stiffness_n_m
    slack = 0.0
    if spring * stretch > limit:
        slack = 1.0 - limit / (spring * stretch)
        spring *= 1.0 - slack
    damping = vehicle.leg_lateral_damping_n_s_m
    push[0] = -spring * dragged[0] - damping * sx
    push[1] = -spring * dragged[1] - damping * sy
    push[2] = -spring * dragged[2] - damping * sz
    total = math.sqrt(push[0] ** 2 + push[1] ** 2 + push[2] ** 2)
    if total > limit:
        for k in range(3):
            push[k] *= limit / total
    return slack


@njit(cache=True, inline="always")
def _apply(arm: Vector, push: Vector, dcm: Matrix, force: Vector, torque: Vector) -> None:
    """Add a push (N, Moon-centred axes) at a point of the body to force and torque (body axes)."""
    f0 = dcm[0, 0] * push[0] + dcm[1, 0] * push[1] + dcm[2, 0] * push[2]
    f1 = dcm[0, 1] * push[0] + dcm[1, 1] * push[1] + dcm[2, 1] * push[2]
    f2 = dcm[0, 2] * push[0] + dcm[1, 2] * push[1] + dcm[2, 2] * push[2]
    force[0] += f0
    force[1] += f1
    force[2] += f2
    torque[0] += arm[1] * f2 - arm[2] * f1
    torque[1] += arm[2] * f0 - arm[0] * f2
    torque[2] += arm[0] * f1 - arm[1] * f0
