"""The observation: a table of names, units and ranges, and the compiled code that fills it.

Heights and distances use log or asinh scales, velocity errors are relative to the reference's
speeds, so that 20 km and 2 m are both resolved. All but the actuators' states comes from the
instruments (env.sensing.sensors), with noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle
from env.sensing.lidar import PROFILE_SIZE, SECTORS
from env.task.reference import acceleration_demand, below_centre, velocity_error


@dataclass(frozen=True)
class Observed:
    """One number of the observation: name, unit, and the range to which it is clipped."""

    name: str
    unit: str
    low: float
    high: float


def _axes(name: str, unit: str, low: float, high: float, axes: str = "xyz") -> tuple[Observed, ...]:
    return tuple(Observed(f"{name}_{axis}", unit, low, high) for axis in axes)


_INSTRUMENTS: tuple[Observed, ...] = (
    Observed("log_height", "ln(1 + m) / 10", 0.0, 1.2),
    Observed("near_height", "h / (h + 10 m)", -1.0, 1.0),
    *_axes("pad_direction_body", "asinh(m)", -12.0, 12.0),
    *_axes("pad_offset", "asinh(m)", -12.0, 12.0, "xy"),
    *_axes("velocity_error_body", "of side_scale and sink_scale", -5.0, 5.0),
    *_axes("velocity_error", "of side_scale and sink_scale", -5.0, 5.0),
    *_axes("demand_body", "4 m/s^2", -5.0, 5.0),
    *_axes("demand_direction_body", "direction cosine", -1.0, 1.0),
    *_axes("velocity", "asinh(m/s)", -8.0, 8.0),
    Observed("side_scale", "asinh(m/s)", 0.0, 8.0),
    Observed("sink_scale", "asinh(m/s)", 0.0, 8.0),
    *_axes("up_body", "direction cosine", -1.0, 1.0),
    *_axes("omega_BN_B", "0.1 rad/s", -20.0, 20.0),
    *_axes("specific_force_body", "asinh(m/s^2)", -6.0, 6.0),
    Observed("delta_v_left", "km/s", 0.0, 5.0),
    Observed("thrust_to_weight", "asinh(1)", 0.0, 6.0),
    Observed("time_left", "of the limit", 0.0, 1.0),
    Observed("feet_down", "of four", 0.0, 1.0),
    # Measured by the IMU. Needed to estimate the landing's reward while settling.
    Observed("touchdown_speed", "3 m/s", 0.0, 5.0),
    *(Observed(f"lidar_sector_{k}", "gradient", -2.0, 2.0) for k in range(SECTORS)),
    Observed("lidar_min", "ln(1 + m) / 10", 0.0, 1.2),
    Observed("lidar_mean", "ln(1 + m) / 10", 0.0, 1.2),
    Observed("lidar_std", "asinh(m)", 0.0, 6.0),
    Observed("lidar_returns", "of all rays", 0.0, 1.0),
)
N_INSTRUMENTS = len(_INSTRUMENTS)


def observation_table(vehicle: Vehicle) -> tuple[Observed, ...]:
    """The observation of a vehicle's policy by index: its instruments, then its actuators."""
    engines, groups = range(vehicle.n_engines), range(vehicle.n_landing_thrusters)
    return (
        *_INSTRUMENTS,
        *(Observed(f"engine_{k}", "of full thrust", 0.0, 1.0) for k in engines),
        *(
            Observed(f"gimbal_{k}_{axis}", "of full angle", -1.0, 1.0)
            for k in engines
            for axis in "xy"
        ),
        *(Observed(f"landing_thruster_{k}", "of full thrust", 0.0, 1.0) for k in groups),
        *_axes("rcs", "of full torque", -1.0, 1.0),
    )


def _at(name: str) -> int:
    return [row.name for row in _INSTRUMENTS].index(name)


_LOG_HEIGHT = _at("log_height")
_NEAR_HEIGHT = _at("near_height")
_PAD_DIRECTION = _at("pad_direction_body_x")
_PAD_OFFSET = _at("pad_offset_x")
_ERROR_BODY = _at("velocity_error_body_x")
_ERROR = _at("velocity_error_x")
_DEMAND = _at("demand_body_x")
_DEMAND_DIRECTION = _at("demand_direction_body_x")
_VELOCITY = _at("velocity_x")
_SIDE_SCALE = _at("side_scale")
_SINK_SCALE = _at("sink_scale")
_UP = _at("up_body_x")
_OMEGA = _at("omega_BN_B_x")
_SPECIFIC_FORCE = _at("specific_force_body_x")
_DELTA_V_LEFT = _at("delta_v_left")
_THRUST_TO_WEIGHT = _at("thrust_to_weight")
_TIME_LEFT = _at("time_left")
_FEET_DOWN = _at("feet_down")
_TOUCHDOWN_SPEED = _at("touchdown_speed")
_GROUND = _at("lidar_sector_0")
_LIDAR_RETURNS = _at("lidar_returns")
assert _LIDAR_RETURNS == _GROUND + PROFILE_SIZE


@njit(cache=True)
def observe(
    vehicle: Any,
    episode: Any,
    reading: Any,
    actuator: Any,
    low: npt.NDArray[np.float32],
    high: npt.NDArray[np.float32],
    out: npt.NDArray[np.float32],
) -> None:
    """Fill one craft's row `out` (D,) from its instruments, clipped to `low` and `high` (D,)."""
    x, y, height = reading.pad_offset_m[0], reading.pad_offset_m[1], reading.height_m
    velocity, dcm = reading.velocity_m_s, reading.dcm
    centre_x, centre_y = below_centre(vehicle, x, y, dcm)
    error = velocity_error(vehicle, centre_x, centre_y, height, velocity)
    ax, ay, az = acceleration_demand(vehicle, centre_x, centre_y, height, velocity, error)
    asked = math.sqrt(ax * ax + ay * ay + az * az)
    ex, ey = error.x / error.side_scale_m_s, error.y / error.side_scale_m_s
    ez = error.z / error.sink_scale_m_s
    out[_LOG_HEIGHT] = math.log(1.0 + max(height, 0.0)) / 10.0
    out[_NEAR_HEIGHT] = height / (abs(height) + 10.0)
    for k in range(3):
        # the pad from the point between the feet
        out[_PAD_DIRECTION + k] = math.asinh(-dcm[0, k] * x - dcm[1, k] * y - dcm[2, k] * height)
        out[_ERROR_BODY + k] = dcm[0, k] * ex + dcm[1, k] * ey + dcm[2, k] * ez
        along = dcm[0, k] * ax + dcm[1, k] * ay + dcm[2, k] * az
        out[_DEMAND + k] = along / 4.0
        out[_DEMAND_DIRECTION + k] = along / asked
        out[_VELOCITY + k] = math.asinh(velocity[k])
        out[_UP + k] = dcm[2, k]
        out[_OMEGA + k] = 10.0 * reading.omega_rad_s[k]
        out[_SPECIFIC_FORCE + k] = math.asinh(reading.specific_force_m_s2[k])
    out[_PAD_OFFSET] = math.asinh(x)
    out[_PAD_OFFSET + 1] = math.asinh(y)
    out[_ERROR] = ex
    out[_ERROR + 1] = ey
    out[_ERROR + 2] = ez
    out[_SIDE_SCALE] = math.asinh(error.side_scale_m_s)
    out[_SINK_SCALE] = math.asinh(error.sink_scale_m_s)
    mass = vehicle.hub_mass_kg + reading.propellant_kg[0] + reading.propellant_kg[1]
    exhaust_m_s = vehicle.engine_isp_s * STANDARD_GRAVITY_M_S2
    out[_DELTA_V_LEFT] = 1e-3 * exhaust_m_s * math.log(mass / vehicle.hub_mass_kg)
    out[_THRUST_TO_WEIGHT] = math.asinh(vehicle.fine_thrust_n / (mass * SURFACE_GRAVITY_M_S2))
    out[_TIME_LEFT] = 1.0 - episode.time_s / episode.time_limit_s
    out[_FEET_DOWN] = episode.feet_down / 4.0
    out[_TOUCHDOWN_SPEED] = episode.touchdown_speed_m_s / 3.0
    for k in range(PROFILE_SIZE):
        out[_GROUND + k] = reading.profile[k]
    out[_LIDAR_RETURNS] = reading.lidar_returns
    for k in range(vehicle.n_actions):
        out[N_INSTRUMENTS + k] = actuator[k]
    for k in range(vehicle.gimbal_start, vehicle.landing_start):
        out[N_INSTRUMENTS + k] /= vehicle.engine_gimbal_rad
    for k in range(out.size):
        out[k] = min(max(out[k], low[k]), high[k])
