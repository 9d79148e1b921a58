"""Vehicles as data: masses, geometry, engines, legs. SI units in every name.

Starship HLS figures are public where a source is named and assumptions where marked; NASA and
SpaceX publish no mass properties of the lander. Body frame B: origin at the dry craft's centre of
mass, z towards the nose; stations are heights above the engine plane along z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STANDARD_GRAVITY_M_S2 = 9.80665  # CODATA, exact

N_ENGINES = 3
N_LANDING_THRUSTERS = 3
N_FEET = 4


@dataclass(frozen=True)
class Vehicle:
    """One craft. All components are placed by station (m above the engine plane) and radius (m)."""

    name: str
    dry_mass_kg: float
    payload_mass_kg: float
    height_m: float
    hull_radius_m: float
    centre_of_mass_station_m: float  # of dry craft with payload; the body frame's origin

    engine_thrust_n: float  # each, at full throttle
    engine_minimum_throttle: float
    engine_isp_s: float
    engine_radius_m: float  # of the circle on which the engines stand
    engine_gimbal_rad: float
    engine_start_delay_s: float  # the start command must hold this long
    engine_time_constant_s: float
    gimbal_time_constant_s: float

    landing_thrust_n: float  # each group, at full throttle
    landing_isp_s: float
    landing_station_m: float
    landing_time_constant_s: float

    rcs_torque_nm: tuple[float, float, float]
    rcs_arm_m: tuple[float, float, float]
    rcs_isp_s: float
    rcs_time_constant_s: float

    oxidizer_to_fuel_ratio: float
    oxidizer_station_m: float
    fuel_station_m: float
    tank_radius_m: float  # of the sphere whose inertia the propellant has

    foot_radius_m: float
    foot_station_m: float  # negative: below the engine plane
    leg_stroke_m: float
    leg_stiffness_n_m: float
    leg_damping_n_s_m: float
    foot_friction: float  # Coulomb coefficient on regolith
    foot_slip_damping_n_s_m: float  # slope of the regularised friction at rest

    @property
    def hub_mass_kg(self) -> float:
        """Everything but propellant."""
        return self.dry_mass_kg + self.payload_mass_kg

    @property
    def hub_inertia_kg_m2(self) -> tuple[float, float, float]:
        """Principal inertia about the hub's centre of mass: a thin-walled cylinder's."""
        transverse = self.hub_mass_kg * (self.hull_radius_m**2 / 2 + self.height_m**2 / 12)
        return transverse, transverse, self.hub_mass_kg * self.hull_radius_m**2


STARSHIP_HLS = Vehicle(
    name="starship-hls",
    dry_mass_kg=85_000.0,  # assumption: Starship ship without flaps and heat shield
    payload_mass_kg=20_000.0,  # assumption: crew cabin, airlocks, cargo
    height_m=50.0,  # NASA, HLS reference: about 50 m tall
    hull_radius_m=4.5,  # SpaceX, Starship user's guide: 9 m diameter
    centre_of_mass_station_m=18.0,  # assumption
    engine_thrust_n=2.5e6,  # Raptor vacuum class, SpaceX
    engine_minimum_throttle=0.4,  # SpaceX statements: about 40%
    engine_isp_s=375.0,  # Raptor vacuum class, SpaceX
    engine_radius_m=1.5,  # assumption
    engine_gimbal_rad=math.radians(8.0),
    engine_start_delay_s=0.3,  # assumption
    engine_time_constant_s=0.25,  # assumption
    gimbal_time_constant_s=0.15,  # assumption
    landing_thrust_n=150_000.0,  # assumption: three groups of a mid-body ring
    landing_isp_s=340.0,  # assumption: methane-oxygen, pressure fed
    landing_station_m=30.0,  # assumption
    landing_time_constant_s=0.10,  # assumption
    rcs_torque_nm=(500_000.0, 500_000.0, 180_000.0),  # assumption: couples of 10 kN class thrusters
    rcs_arm_m=(25.0, 25.0, 4.5),
    rcs_isp_s=300.0,  # assumption
    rcs_time_constant_s=0.05,
    oxidizer_to_fuel_ratio=3.6,  # Raptor, SpaceX
    oxidizer_station_m=7.0,  # assumption
    fuel_station_m=20.0,  # assumption
    tank_radius_m=2.0,  # assumption: a landing load fills little of the tanks
    foot_radius_m=9.0,  # assumption: deployed legs
    foot_station_m=-2.5,
    leg_stroke_m=1.3,
    leg_stiffness_n_m=250_000.0,  # sags 0.2 m under lunar weight
    leg_damping_n_s_m=105_000.0,  # 0.6 of critical
    foot_friction=0.6,  # regolith, Apollo soil mechanics: 30 to 37 degrees internal friction
    foot_slip_damping_n_s_m=80_000.0,
)

VEHICLES = {STARSHIP_HLS.name: STARSHIP_HLS}

VEHICLE_DTYPE = np.dtype(
    [
        ("hub_mass_kg", np.float64),
        ("engine_thrust_n", np.float64),
        ("engine_minimum_throttle", np.float64),
        ("engine_isp_s", np.float64),
        ("engine_gimbal_rad", np.float64),
        ("engine_start_delay_s", np.float64),
        ("engine_time_constant_s", np.float64),
        ("gimbal_time_constant_s", np.float64),
        ("landing_thrust_n", np.float64),
        ("landing_isp_s", np.float64),
        ("landing_time_constant_s", np.float64),
        ("rcs_isp_s", np.float64),
        ("rcs_time_constant_s", np.float64),
        ("oxidizer_fraction", np.float64),
        ("foot_offset_m", np.float64),
        ("leg_stroke_m", np.float64),
        ("leg_stiffness_n_m", np.float64),
        ("leg_damping_n_s_m", np.float64),
        ("foot_friction", np.float64),
        ("foot_slip_damping_n_s_m", np.float64),
        ("rcs_torque_nm", np.float64, (3,)),
        ("rcs_arm_m", np.float64, (3,)),
        ("engine_position_m", np.float64, (N_ENGINES, 3)),
        ("landing_position_m", np.float64, (N_LANDING_THRUSTERS, 3)),
        ("foot_position_m", np.float64, (N_FEET, 3)),
    ]
)


def _ring(
    count: int, radius_m: float, z_m: float, phase_rad: float = 0.0
) -> npt.NDArray[np.float64]:
    angle = phase_rad + 2 * math.pi * np.arange(count) / count
    return np.column_stack(
        [radius_m * np.cos(angle), radius_m * np.sin(angle), np.full(count, z_m)]
    )


def vehicle_record(vehicle: Vehicle) -> npt.NDArray[np.void]:
    """The vehicle as compiled code reads it: one record, positions (m) in the body frame."""
    origin = vehicle.centre_of_mass_station_m
    record = np.zeros(1, VEHICLE_DTYPE)
    for name in VEHICLE_DTYPE.names or ():
        if hasattr(vehicle, name):
            record[name] = getattr(vehicle, name)
    ratio = vehicle.oxidizer_to_fuel_ratio
    record["oxidizer_fraction"] = ratio / (1.0 + ratio)
    record["foot_offset_m"] = origin - vehicle.foot_station_m
    record["engine_position_m"] = _ring(N_ENGINES, vehicle.engine_radius_m, -origin)
    record["landing_position_m"] = _ring(
        N_LANDING_THRUSTERS, vehicle.hull_radius_m, vehicle.landing_station_m - origin
    )
    record["foot_position_m"] = _ring(
        N_FEET, vehicle.foot_radius_m, vehicle.foot_station_m - origin, math.pi / 4
    )
    return record
