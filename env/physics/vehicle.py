"""A vehicle as data, and the record of it for compiled code.

The vehicles are in :mod:`env.physics.vehicles`, one per file. All names have SI units.

Body frame B: origin at the centre of mass of the hub (everything but propellant), z towards the
nose. Stations are heights above the engine plane, the plane in which the main engines are hinged.

The action layout follows the vehicle, each command in [-1, 1]: a throttle for each engine, two
gimbal angles for each engine, a throttle for each group of landing thrusters, three RCS axes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.physics.guidance import Braking
from env.physics.regolith import bearing_stiffness_n_m

STANDARD_GRAVITY_M_S2 = 9.80665  # CODATA, exact

MAX_ENGINES = 3
MAX_LANDING_THRUSTERS = 3
N_FEET = 4
N_RCS_AXES = 3

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Vehicle:
    """One craft. Parts are placed by station (m above the engine plane) and radius (m).

    Engines, landing thrusters and feet are evenly spaced on circles around the z axis; a single
    engine with radius zero is on the axis.
    """

    name: str
    dry_mass_kg: float
    payload_mass_kg: float
    hub_inertia_kg_m2: Triple  # principal, about the hub's centre of mass; axes x, y, z
    height_m: float
    hull_radius_m: float
    hull_clearance_m: float  # by which the hull may approach the plane of the unloaded feet
    centre_of_mass_station_m: float  # of the hub: the body frame's origin

    n_engines: int
    engine_thrust_n: float  # each, at full throttle
    engine_minimum_throttle: float
    engine_isp_s: float
    engine_radius_m: float  # of the circle on which the engines stand
    engine_start_delay_s: float  # the start command must hold this long
    engine_time_constant_s: float
    engine_gimbal_rad: float
    gimbal_time_constant_s: float
    gimbal_rate_rad_s: float  # maximum rate of the gimbal actuators

    n_landing_thrusters: int  # groups
    landing_thrust_n: float  # each group, at full throttle
    landing_isp_s: float
    landing_station_m: float
    landing_radius_m: float
    landing_time_constant_s: float

    rcs_torque_nm: Triple
    rcs_arm_m: Triple  # torque over the sum of the thrusts that make it
    rcs_isp_s: float
    rcs_time_constant_s: float

    oxidizer_to_fuel_ratio: float
    propellant_capacity_kg: float
    oxidizer_station_m: float  # of a landing load's centre of mass
    fuel_station_m: float
    tank_radius_m: float  # of the cylinder whose moments of inertia the propellant has
    load_depth_m: float  # of that cylinder

    foot_radius_m: float  # of the circle on which the feet's centres stand
    foot_station_m: float  # of the unloaded feet's soles, negative: below the engine plane
    foot_pad_radius_m: float
    leg_stroke_m: float
    leg_stiffness_n_m: float
    leg_damping_n_s_m: float
    leg_lateral_stiffness_n_m: float
    leg_lateral_damping_n_s_m: float
    foot_friction: float  # Coulomb coefficient on regolith

    lidar_mount_m: Triple  # x, y, station

    braking: Braking  # the descent that its reference field is made of

    @property
    def hub_mass_kg(self) -> float:
        """Everything but propellant."""
        return self.dry_mass_kg + self.payload_mass_kg

    @property
    def delta_v_capacity_m_s(self) -> float:
        """The delta-v (m/s) of full tanks."""
        full_kg = self.hub_mass_kg + self.propellant_capacity_kg
        return self.engine_isp_s * STANDARD_GRAVITY_M_S2 * math.log(full_kg / self.hub_mass_kg)

    @property
    def n_actions(self) -> int:
        """Number of commands."""
        return 3 * self.n_engines + self.n_landing_thrusters + N_RCS_AXES


def thin_walled_cylinder_inertia(mass_kg: float, radius_m: float, height_m: float) -> Triple:
    """Principal moments of inertia (kg m2) about the centre of an open thin-walled cylinder."""
    transverse = mass_kg * (radius_m**2 / 2 + height_m**2 / 12)
    return transverse, transverse, mass_kg * radius_m**2


VEHICLE_DTYPE = np.dtype(
    [
        ("n_engines", np.int64),
        ("n_landing_thrusters", np.int64),
        ("n_actions", np.int64),
        ("gimbal_start", np.int64),  # indices of an action's parts; throttles begin at 0
        ("landing_start", np.int64),
        ("rcs_start", np.int64),
        ("lost_engine", np.int64),  # -1: none; it gives no thrust from engine_loss_s on
        ("hub_mass_kg", np.float64),
        ("propellant_capacity_kg", np.float64),
        ("length_m", np.float64),  # from the unloaded feet's plane to the nose
        ("hull_clearance_m", np.float64),
        ("engine_thrust_n", np.float64),
        ("engine_minimum_throttle", np.float64),
        ("engine_isp_s", np.float64),
        ("engine_start_delay_s", np.float64),
        ("engine_time_constant_s", np.float64),
        ("engine_gimbal_rad", np.float64),
        ("gimbal_time_constant_s", np.float64),
        ("gimbal_rate_rad_s", np.float64),
        ("landing_thrust_n", np.float64),
        ("landing_isp_s", np.float64),
        ("landing_time_constant_s", np.float64),
        ("fine_thrust_n", np.float64),  # full thrust of the actuators used in the last metres
        ("rcs_isp_s", np.float64),
        ("rcs_time_constant_s", np.float64),
        ("oxidizer_fraction", np.float64),
        ("engine_loss_s", np.float64),  # since the start of the episode
        ("foot_offset_m", np.float64),  # from the unloaded feet's plane up to the body's origin
        ("foot_reach_m", np.float64),  # from the body's origin to the centre of a foot's sole
        ("foot_pad_radius_m", np.float64),
        ("bearing_stiffness_n_m", np.float64),  # of regolith under a foot pad
        ("leg_stroke_m", np.float64),
        ("leg_stiffness_n_m", np.float64),
        ("leg_damping_n_s_m", np.float64),
        ("leg_lateral_stiffness_n_m", np.float64),
        ("leg_lateral_damping_n_s_m", np.float64),
        ("foot_friction", np.float64),
        ("near_altitude_m", np.float64),  # env.physics.guidance.Braking
        ("near_m_s2", np.float64),
        ("far_m_s2", np.float64),
        ("rcs_torque_nm", np.float64, (3,)),
        ("rcs_arm_m", np.float64, (3,)),
        ("lidar_position_m", np.float64, (3,)),
        ("engine_position_m", np.float64, (MAX_ENGINES, 3)),
        ("landing_position_m", np.float64, (MAX_LANDING_THRUSTERS, 3)),
        ("foot_position_m", np.float64, (N_FEET, 3)),
    ]
)


def vehicle_record(vehicle: Vehicle) -> npt.NDArray[np.void]:
    """The vehicle as one VEHICLE_DTYPE record for compiled code; positions (m) in body axes.

    Raises ValueError for more engines or landing thrusters than the record can store.
    """
    if not 1 <= vehicle.n_engines <= MAX_ENGINES:
        raise ValueError(f"{vehicle.name}: {vehicle.n_engines} engines, not 1 to {MAX_ENGINES}")
    if not 0 <= vehicle.n_landing_thrusters <= MAX_LANDING_THRUSTERS:
        raise ValueError(
            f"{vehicle.name}: {vehicle.n_landing_thrusters} groups of landing thrusters, "
            f"not 0 to {MAX_LANDING_THRUSTERS}"
        )
    origin = vehicle.centre_of_mass_station_m
    record = np.zeros(1, VEHICLE_DTYPE)
    for name in VEHICLE_DTYPE.names or ():
        if hasattr(vehicle, name):
            record[name] = getattr(vehicle, name)
    for name, value in vehicle.braking._asdict().items():
        record[name] = value
    record["gimbal_start"] = vehicle.n_engines
    record["landing_start"] = 3 * vehicle.n_engines
    record["rcs_start"] = 3 * vehicle.n_engines + vehicle.n_landing_thrusters
    record["lost_engine"] = -1
    record["fine_thrust_n"] = (
        vehicle.n_landing_thrusters * vehicle.landing_thrust_n
        if vehicle.n_landing_thrusters
        else vehicle.n_engines * vehicle.engine_thrust_n
    )
    ratio = vehicle.oxidizer_to_fuel_ratio
    record["oxidizer_fraction"] = ratio / (1.0 + ratio)
    record["foot_offset_m"] = origin - vehicle.foot_station_m
    record["length_m"] = vehicle.height_m - vehicle.foot_station_m
    record["foot_reach_m"] = math.hypot(vehicle.foot_radius_m, origin - vehicle.foot_station_m)
    record["bearing_stiffness_n_m"] = bearing_stiffness_n_m(vehicle.foot_pad_radius_m)
    x_m, y_m, station_m = vehicle.lidar_mount_m
    record["lidar_position_m"] = x_m, y_m, station_m - origin
    record["engine_position_m"][0, : vehicle.n_engines] = _ring(
        vehicle.n_engines, vehicle.engine_radius_m, -origin
    )
    record["landing_position_m"][0, : vehicle.n_landing_thrusters] = _ring(
        vehicle.n_landing_thrusters, vehicle.landing_radius_m, vehicle.landing_station_m - origin
    )
    record["foot_position_m"] = _ring(
        N_FEET, vehicle.foot_radius_m, vehicle.foot_station_m - origin, math.pi / N_FEET
    )
    return record


def _ring(
    count: int, radius_m: float, z_m: float, phase_rad: float = 0.0
) -> npt.NDArray[np.float64]:
    angle = phase_rad + 2 * math.pi * np.arange(count) / max(count, 1)
    return np.column_stack(
        [radius_m * np.cos(angle), radius_m * np.sin(angle), np.full(count, z_m)]
    )


@njit(cache=True)
def propellant_for_delta_v(vehicle: Any, delta_v_m_s: float) -> float:
    """Propellant (kg) for `delta_v_m_s` with the main engines, limited to the tanks' capacity.

    `vehicle` is a VEHICLE_DTYPE record. Rocket equation, Tsiolkovsky 1903.
    """
    exhaust_m_s = vehicle.engine_isp_s * STANDARD_GRAVITY_M_S2
    needed = vehicle.hub_mass_kg * (math.exp(delta_v_m_s / exhaust_m_s) - 1.0)
    return float(min(needed, vehicle.propellant_capacity_kg))
