"""What each number of an observation and an action means: how to calculate it, what it does."""

from __future__ import annotations

import math
import re

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.actuators import IDLE_COMMAND, START_COMMAND, STOP_COMMAND
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle

# By name without number and axis. h: height (m) of the feet above the ground; m: mass (kg).
_OBSERVED = {
    "log_height": "ln(1 + max(h, 0)) / 10, of the altimeter's h",
    "near_height": "h / (|h| + 10)",
    "pad_direction_body": "asinh of the pad's position (m) seen from between the feet, body axes",
    "pad_offset": "asinh of the position (m) of the point between the feet, pad axes",
    "velocity_error_body": "velocity_error turned to body axes",
    "velocity_error": "velocity less the reference's, pad axes; x and y in side scales, z in sink "
    "scales",
    "demand_body": "acceleration that the reference demands of the thrust / 4, body axes",
    "demand_direction_body": "unit vector of that demand, body axes",
    "velocity": "asinh of the velocity (m/s) over ground, pad axes",
    "side_scale": "asinh of the side scale (m/s)",
    "sink_scale": "asinh of the sink scale (m/s)",
    "up_body": "the vertical at the pad as a unit vector, body axes",
    "omega_BN_B": "10 times the angular rate (rad/s), body axes",
    "specific_force_body": "asinh of the accelerometer's mean (m/s^2) over the control interval, "
    "body axes",
    "time_left": "1 - time since the start / time limit",
    "feet_down": "number of feet in contact / 4",
    "touchdown_speed": "largest speed (m/s) of a foot at its first contact / 3; 0 in flight",
    "lidar_sector": "height of the ground in a sector about body z above the mean of all hits / "
    "root mean square of their horizontal distances; sector 0 from +x towards +y; 0 without a hit",
    "lidar_min": "ln(1 + height (m) of the LiDAR above the highest hit) / 10",
    "lidar_mean": "ln(1 + height (m) of the LiDAR above the hits' mean) / 10",
    "lidar_std": "asinh of the standard deviation (m) of the hits' heights",
    "lidar_returns": "share of the rays that hit ground in range",
    "engine": "its thrust / full thrust, now",
    "gimbal": "its angle / largest angle, now",
    "landing_thruster": "its group's thrust / full thrust, now",
    "rcs": "its torque / full torque, now",
}
_NUMBER_OR_AXIS = re.compile(r"(_\d+)?(_[xyz])?$")


def observation_meaning(name: str, vehicle: Vehicle) -> str:
    """How to calculate a row of env.task.observation.observation_table. Raises KeyError."""
    if name == "delta_v_left":
        exhaust_m_s = vehicle.engine_isp_s * STANDARD_GRAVITY_M_S2
        return f"{exhaust_m_s / 1e3:.6g} ln(m / {vehicle.hub_mass_kg:g}), m by the fuel gauges"
    if name == "thrust_to_weight":
        fine_n = (
            vehicle.n_landing_thrusters * vehicle.landing_thrust_n
            or vehicle.n_engines * vehicle.engine_thrust_n
        )
        return f"asinh({fine_n / SURFACE_GRAVITY_M_S2:.9g} / m), m by the fuel gauges"
    return _OBSERVED[_NUMBER_OR_AXIS.sub("", name)]


def action_table(vehicle: Vehicle) -> tuple[tuple[str, str], ...]:
    """Name and meaning of each command in [-1, 1], by index."""
    idle, start, stop = IDLE_COMMAND, START_COMMAND, STOP_COMMAND
    engine = (
        f"starts after {vehicle.engine_start_delay_s:g} s at {start:g} or more, stops after as "
        f"long below {stop:g}; while it runs {idle:g} or less gives "
        f"{vehicle.engine_minimum_throttle:.0%}, 1 gives 100% of {vehicle.engine_thrust_n:g} N"
    )
    gimbal = (
        f"angle / {math.degrees(vehicle.engine_gimbal_rad):g} deg, at up to "
        f"{math.degrees(vehicle.gimbal_rate_rad_s):g} deg/s"
    )
    landing = f"-1 is off, 1 is {vehicle.landing_thrust_n:g} N, linear between"
    engines, groups = range(vehicle.n_engines), range(vehicle.n_landing_thrusters)
    rcs = zip("xyz", vehicle.rcs_torque_nm, strict=True)
    return (
        *((f"engine_{k}", engine + _azimuth(k, vehicle.n_engines)) for k in engines),
        *(
            (f"gimbal_{k}_{axis}", f"{gimbal}; tilts the thrust towards body +{axis}")
            for k in engines
            for axis in "xy"
        ),
        *((f"landing_thruster_{k}", landing + _azimuth(k, len(groups))) for k in groups),
        *((f"rcs_{axis}", f"torque / {most:g} N m about body {axis}") for axis, most in rcs),
    )


def _azimuth(number: int, count: int) -> str:
    """Where one of `count` thrusters stands, which are evenly spaced around body z."""
    return f"; at {360 * number / count:g} deg from body x" if count > 1 else ""
