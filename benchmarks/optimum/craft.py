"""What a vehicle of the environment can do as a point mass, and the two touchdowns asked of it.

All are relaxations: what they leave out (docs/fuel-optimum.md) can only cost propellant, so that
the optimum is a lower bound.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.optimum.problem import (
    Array,
    Problem,
    Start,
    Thrust,
    Touchdown,
    Turning,
    point_mass_gravity,
)
from env.base.moon import MU_M3_S2, RADIUS_M
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle
from env.task.reward import MAX_DISTANCE_M, MAX_TOUCHDOWN_SPEED_M_S

_UP = np.array([0.0, 0.0, 1.0])


def thrust_of(vehicle: Vehicle) -> Thrust:
    """From nothing to all engines and landing thrusters, at the best specific impulse of them."""
    isp_s = max(vehicle.engine_isp_s, vehicle.landing_isp_s if vehicle.n_landing_thrusters else 0.0)
    return Thrust(
        least_n=0.0,
        largest_n=vehicle.n_engines * vehicle.engine_thrust_n
        + vehicle.n_landing_thrusters * vehicle.landing_thrust_n,
        exhaust_m_s=isp_s * STANDARD_GRAVITY_M_S2,
    )


def turning_of(vehicle: Vehicle, first_axis: Array, last_axis: Array | None) -> Turning:
    """No faster than by the torque of everything at once on the empty craft."""
    stations_m = (
        vehicle.centre_of_mass_station_m,
        vehicle.oxidizer_station_m,
        vehicle.fuel_station_m,
    )
    engines_n = vehicle.n_engines * vehicle.engine_thrust_n
    torque_nm = (
        math.hypot(*vehicle.rcs_torque_nm[:2])
        + engines_n * math.sin(vehicle.engine_gimbal_rad) * max(map(abs, stations_m))
        + engines_n * vehicle.engine_radius_m
        + vehicle.n_landing_thrusters * vehicle.landing_thrust_n * vehicle.landing_radius_m
    )
    return Turning(
        acceleration_rad_s2=torque_nm / min(vehicle.hub_inertia_kg_m2[:2]),
        slack_rad=vehicle.engine_gimbal_rad,
        first_axis=first_axis,
        last_axis=last_axis,
    )


def standing_height_m(vehicle: Vehicle) -> float:
    """Of the body's origin above the soles."""
    return vehicle.centre_of_mass_station_m - vehicle.foot_station_m


def landing_at_rest(vehicle: Vehicle, start: Start, axis: Array, longest_s: float) -> Problem:
    """To stand upright and at rest on the pad's centre."""
    return Problem(
        start=start,
        touchdown=Touchdown(height_m=standing_height_m(vehicle)),
        thrust=thrust_of(vehicle),
        gravity=point_mass_gravity(MU_M3_S2, RADIUS_M),
        longest_s=longest_s,
        turning=turning_of(vehicle, axis, _UP),
    )


def any_landing(
    vehicle: Vehicle, start: Start, axis: Array, longest_s: float, highest_ground_m: float
) -> Problem:
    """To what the task just counts as landed: its speed, anywhere on the pad, at any attitude.

    A foot touches ground that may be as high as `highest_ground_m`, with the body's origin above it
    by no more than the leg reaches.
    """
    reach_m = math.hypot(vehicle.foot_radius_m, standing_height_m(vehicle))
    return Problem(
        start=start,
        touchdown=Touchdown(
            height_m=highest_ground_m + reach_m,
            radius_m=MAX_DISTANCE_M + reach_m,
            speed_m_s=MAX_TOUCHDOWN_SPEED_M_S,
        ),
        thrust=thrust_of(vehicle),
        gravity=point_mass_gravity(MU_M3_S2, RADIUS_M),
        longest_s=longest_s,
        turning=turning_of(vehicle, axis, None),
    )
