"""What a policy sees: a table of names, units and ranges, and the compiled code that fills it.

Heights and distances are logarithmic or asinh, velocity errors are relative to the reference
speed, so that 20 km and 2 m both move the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.guidance import reference_closing_m_s, reference_descent_m_s
from env.moon import SURFACE_GRAVITY_M_S2


@dataclass(frozen=True)
class Observed:
    """One number of the observation: what it is, its unit, and the range it is clipped to."""

    name: str
    unit: str
    low: float
    high: float


def _axes(name: str, unit: str, low: float, high: float, axes: str = "xyz") -> tuple[Observed, ...]:
    return tuple(Observed(f"{name}_{axis}", unit, low, high) for axis in axes)


OBSERVATIONS: tuple[Observed, ...] = (
    Observed("log_height", "ln(1 + m) / 10", 0.0, 1.2),
    Observed("near_height", "h / (h + 10 m)", -1.0, 1.0),
    *_axes("pad_direction_body", "asinh(m)", -12.0, 12.0),
    *_axes("pad_offset", "asinh(m)", -12.0, 12.0, "xy"),
    *_axes("velocity_error_body", "of reference speed", -5.0, 5.0),
    *_axes("velocity_error", "of reference speed", -5.0, 5.0),
    *_axes("velocity", "asinh(m/s)", -8.0, 8.0),
    *_axes("up_body", "direction cosine", -1.0, 1.0),
    *_axes("omega_BN_B", "10 rad/s", -5.0, 5.0),
    Observed("propellant", "50 t", 0.0, 4.0),
    Observed("thrust_to_weight", "1", 0.0, 5.0),
    *(Observed(f"engine_{k}", "of full thrust", 0.0, 1.0) for k in range(3)),
    *(Observed(f"gimbal_{k}", "of full angle", -1.0, 1.0) for k in range(6)),
    *(Observed(f"landing_thruster_{k}", "of full thrust", 0.0, 1.0) for k in range(3)),
    *(Observed(f"rcs_{k}", "of full torque", -1.0, 1.0) for k in range(3)),
    Observed("reference_speed", "asinh(m/s)", 0.0, 8.0),
    Observed("time_left", "of the limit", 0.0, 1.0),
    Observed("feet_down", "of four", 0.0, 1.0),
    *_axes("ground_slope_body", "gradient", -1.0, 1.0, "xy"),
)
OBSERVATION_SIZE = len(OBSERVATIONS)
OBSERVATION_LOW = np.array([row.low for row in OBSERVATIONS], np.float32)
OBSERVATION_HIGH = np.array([row.high for row in OBSERVATIONS], np.float32)

_LOW = OBSERVATION_LOW
_HIGH = OBSERVATION_HIGH


@njit(cache=True)
def velocity_error(
    x: float, y: float, height: float, vx: float, vy: float, vz: float
) -> tuple[float, float, float, float]:
    """Velocity minus the reference field (m/s, pad axes), and the reference speed (m/s)."""
    distance = math.sqrt(x * x + y * y)
    down = reference_descent_m_s(height)
    closing = reference_closing_m_s(height, distance)
    scale = closing / max(distance, 1e-6)
    speed = math.sqrt(down * down + closing * closing)
    return vx + scale * x, vy + scale * y, vz + down, speed


@njit(cache=True)
def observe(
    vehicle: Any,
    episode: Any,
    site: Any,
    actuator: Any,
    height: float,
    position: Any,
    velocity: Any,
    omega: Any,
    dcm: Any,
    propellant_kg: float,
    out: npt.NDArray[np.float32],
) -> None:
    """Fill one craft's row. `height` is of the feet above the ground; `dcm` is [NB]."""
    x, y = position[0], position[1]
    ex, ey, ez, reference = velocity_error(x, y, height, velocity[0], velocity[1], velocity[2])
    scale = 1.0 / (1.0 + 0.2 * reference)
    gx, gy = site.slope_x, site.slope_y
    out[0] = math.log(1.0 + max(height, 0.0)) / 10.0
    out[1] = height / (abs(height) + 10.0)
    for k in range(3):
        out[2 + k] = math.asinh(-dcm[0, k] * x - dcm[1, k] * y)
        out[7 + k] = (dcm[0, k] * ex + dcm[1, k] * ey + dcm[2, k] * ez) * scale
        out[13 + k] = math.asinh(velocity[k])
        out[16 + k] = dcm[2, k]
        out[19 + k] = 10.0 * omega[k]
        out[36 + k] = actuator[vehicle.rcs_start + k]
    # parts that the vehicle has not are at rest
    out[24:36] = 0.0
    for k in range(vehicle.n_engines):
        out[24 + k] = actuator[k]
    for k in range(2 * vehicle.n_engines):
        out[27 + k] = actuator[vehicle.gimbal_start + k] / vehicle.engine_gimbal_rad
    for k in range(vehicle.n_landing_thrusters):
        out[33 + k] = actuator[vehicle.landing_start + k]
    out[5] = math.asinh(x)
    out[6] = math.asinh(y)
    out[10] = ex * scale
    out[11] = ey * scale
    out[12] = ez * scale
    out[22] = propellant_kg / 50_000.0
    mass = vehicle.hub_mass_kg + propellant_kg
    out[23] = vehicle.fine_thrust_n / (mass * SURFACE_GRAVITY_M_S2)
    out[39] = math.asinh(reference)
    out[40] = 1.0 - episode.time_s / episode.time_limit_s
    out[41] = episode.feet_down / 4.0
    out[42] = dcm[0, 0] * gx + dcm[1, 0] * gy
    out[43] = dcm[0, 1] * gx + dcm[1, 1] * gy
    for k in range(OBSERVATION_SIZE):
        out[k] = min(max(out[k], _LOW[k]), _HIGH[k])
