"""Starship HLS, the lander of NASA's Artemis III and IV.

Public figures name their source; the rest are assumptions and say so. NASA and SpaceX publish no
mass properties, leg geometry or thruster data of the lander.
"""

from __future__ import annotations

import math

from env.physics.guidance import Braking
from env.physics.vehicle import Vehicle, thin_walled_cylinder_inertia

_DRY_MASS_KG = 85_000.0  # assumption: a Starship ship without flaps and heat shield
_PAYLOAD_MASS_KG = 20_000.0  # assumption: crew cabin, airlocks, cargo
_HEIGHT_M = 50.0  # NASA, HLS reference: about 50 m tall
_HULL_RADIUS_M = 4.5  # SpaceX, Starship user's guide, 2020: 9 m diameter

STARSHIP_HLS = Vehicle(
    name="starship-hls",
    dry_mass_kg=_DRY_MASS_KG,
    payload_mass_kg=_PAYLOAD_MASS_KG,
    hub_inertia_kg_m2=thin_walled_cylinder_inertia(  # assumption: mass is spread over the hull
        _DRY_MASS_KG + _PAYLOAD_MASS_KG, _HULL_RADIUS_M, _HEIGHT_M
    ),
    height_m=_HEIGHT_M,
    hull_radius_m=_HULL_RADIUS_M,
    hull_clearance_m=2.0,  # assumption
    centre_of_mass_station_m=18.0,  # assumption: engines and tank domes are at the bottom
    n_engines=3,  # assumption: the ship's three gimballed engines land it
    engine_thrust_n=2.5e6,  # Raptor vacuum class, SpaceX
    engine_minimum_throttle=0.4,  # SpaceX statements: about 40%
    engine_isp_s=375.0,  # Raptor vacuum class, SpaceX
    engine_radius_m=1.5,  # assumption
    engine_start_delay_s=0.3,  # assumption
    engine_time_constant_s=0.25,  # assumption
    engine_gimbal_rad=math.radians(8.0),  # assumption
    gimbal_time_constant_s=0.15,  # assumption
    gimbal_rate_rad_s=math.radians(20.0),  # assumption: as the Space Shuttle Main Engine's limit
    n_landing_thrusters=3,  # assumption: a mid-body ring throttled in three groups
    landing_thrust_n=150_000.0,  # assumption
    landing_isp_s=340.0,  # assumption: methane and oxygen, pressure fed
    landing_station_m=30.0,  # assumption; renderings show the ring in the upper half
    landing_radius_m=_HULL_RADIUS_M,
    landing_time_constant_s=0.10,  # assumption
    rcs_torque_nm=(500_000.0, 500_000.0, 180_000.0),  # assumption: couples of 10 kN class thrusters
    rcs_arm_m=(25.0, 25.0, 4.5),
    rcs_isp_s=300.0,  # assumption
    rcs_time_constant_s=0.05,  # assumption
    oxidizer_to_fuel_ratio=3.6,  # Raptor, SpaceX
    propellant_capacity_kg=1.2e6,  # SpaceX, Starship user's guide, 2020
    oxidizer_station_m=7.0,  # assumption
    fuel_station_m=20.0,  # assumption
    tank_radius_m=4.4,  # assumption: the tanks are the hull
    load_depth_m=0.5,  # 50 t at 1,141 and 423 kg/m3: 0.56 m of oxygen, 0.42 m of methane
    foot_radius_m=9.0,  # assumption: deployed legs
    foot_station_m=-2.5,  # assumption
    foot_pad_radius_m=1.0,  # assumption
    leg_stroke_m=1.3,  # assumption
    # Legs have no published figures. At 125 t each sags 0.2 m. Heave is damped 1.4 times critical,
    # so that rocking of a craft this tall is damped at 0.4 of it.
    leg_stiffness_n_m=250_000.0,
    leg_damping_n_s_m=250_000.0,
    leg_lateral_stiffness_n_m=200_000.0,
    leg_lateral_damping_n_s_m=50_000.0,
    foot_friction=0.6,  # 31 degrees; Lunar Sourcebook, 9.1.7: regolith's friction is 30 to 50
    lidar_mount_m=(0.0, _HULL_RADIUS_M, 1.0),  # assumption
    # Near the ground what the landing thrusters hold with two fifths in reserve, so that one who
    # still learns can catch up with it from either side; above it what
    # one engine holds with 43 to 56% of its thrust at the masses of the stages.
    braking=Braking(near_altitude_m=200.0, near_m_s2=0.7, far_m_s2=8.0),
)
