"""A lander like the Apollo Lunar Module: descent stage, with the loaded ascent stage as payload.

Sources: ANR, Grumman's Apollo News Reference, 1969; TN D-6850, Rogers, Apollo Experience Report:
Lunar Module Landing Gear Subsystem, NASA 1972; JSBSim, mass properties of the landed LM in its
LM.xml (Berndt, 2002). Stations follow the LM's own: gimbal plane X 154 in, separation plane
X 200 in, feet 3.23 m below it (ANR: height of the descent stage with legs).
"""

from __future__ import annotations

import math

from env.physics.guidance import Braking
from env.physics.vehicle import Vehicle

_SLUG_FT2 = 1.3558179619  # kg m2

APOLLO_LM = Vehicle(
    name="apollo-lm",
    dry_mass_kg=2_134.0,  # descent stage, ANR
    payload_mass_kg=4_700.0,  # ascent stage with crew and propellant, ANR
    # JSBSim: 16,099, 13,629 and 12,750 slug ft2 about the forward, lateral and vertical axis at
    # 16,370 lb: 7.4 t, the hub and what propellant a landing leaves
    hub_inertia_kg_m2=(16_099 * _SLUG_FT2, 13_629 * _SLUG_FT2, 12_750 * _SLUG_FT2),
    height_m=6.98,  # 22 ft 11 in, ANR
    hull_radius_m=2.1,  # 13 ft 10 in across the descent stage, ANR
    # the nozzle ends 0.5 m above the unloaded feet and collapses by 28 in (0.71 m), ANR
    hull_clearance_m=1.2,
    centre_of_mass_station_m=1.6,  # from the flight's 1.5 m at landing, less residual propellant
    n_engines=1,
    engine_thrust_n=45_040.0,  # DPS at full throttle, 10,125 lbf, ANR
    # DPS: 10 to about 60%, or full; between them the throat erodes. Continuous here.
    engine_minimum_throttle=0.1,
    engine_isp_s=311.0,
    engine_radius_m=0.0,
    engine_start_delay_s=0.3,  # assumption; flight software ran the engine at 10% for 26 s
    engine_time_constant_s=0.2,  # assumption
    engine_gimbal_rad=math.radians(6.0),  # ANR
    gimbal_time_constant_s=0.1,  # assumption
    gimbal_rate_rad_s=math.radians(0.2),  # trim actuators: they follow the centre of mass
    n_landing_thrusters=0,
    landing_thrust_n=0.0,
    landing_isp_s=311.0,
    landing_station_m=0.0,
    landing_radius_m=0.0,
    landing_time_constant_s=0.1,
    # 16 thrusters of 445 N (100 lbf) in four clusters, 1.68 m (66 in) from the axis and 45 degrees
    # from x and y: four fire for any axis, each with an arm of 1.19 m. Pulses are averaged.
    rcs_torque_nm=(2_114.0, 2_114.0, 2_114.0),
    rcs_arm_m=(1.188, 1.188, 1.188),
    rcs_isp_s=290.0,  # ANR; drawn from the main tanks here, from its own in the LM
    rcs_time_constant_s=0.05,  # assumption
    oxidizer_to_fuel_ratio=1.6,  # nitrogen tetroxide to Aerozine 50, ANR
    propellant_capacity_kg=8_200.0,  # ANR
    # Four tanks of 0.65 m radius and 1.78 m height stand 1.4 m from the axis, fuel opposite fuel;
    # a cylinder of 2.08 m radius has their moments of inertia. The load of the last 1,000 m/s,
    # 2.6 t, is a third of their height.
    oxidizer_station_m=-0.4,
    fuel_station_m=-0.4,
    tank_radius_m=2.08,
    load_depth_m=0.6,
    foot_radius_m=4.24,  # 167 in, TN D-6850; 9.4 m (31 ft) across opposite pads' outer edges
    foot_station_m=-2.06,
    foot_pad_radius_m=0.47,  # 37 in diameter, ANR
    leg_stroke_m=0.81,  # 32 in primary strut, TN D-6850
    # Crushable honeycomb in the LM; here springs that sag 0.1 m at 7.4 t, damped at 0.5 of
    # critical in heave.
    leg_stiffness_n_m=30_000.0,
    leg_damping_n_s_m=7_500.0,
    leg_lateral_stiffness_n_m=20_000.0,
    leg_lateral_damping_n_s_m=2_000.0,
    foot_friction=0.6,  # 31 degrees; Lunar Sourcebook, 9.1.7: regolith's friction is 30 to 50
    lidar_mount_m=(1.6, 0.0, -0.4),  # assumption: the LM had none
    # The engine gives 4.4 m/s2 at 10.1 t, the mass with 1,200 m/s on board, 6 when nearly empty.
    # Braking at 1.6 against gravity takes 73% of it at most, and leaves 3 m/s2 for the sides; near
    # the ground 1.2 takes under two thirds.
    braking=Braking(near_altitude_m=300.0, near_m_s2=1.2, far_m_s2=1.6),
)
