"""A synthetic flight: a straight descent over a slope with a burning engine."""

from __future__ import annotations

import math

import msgspec

from daemon.protocol.flight import FlightBegan, FlightEnded, FlightSample

BEGAN = FlightBegan(
    pilot="reference",
    vehicle="starship-hls",
    stage=3,
    stages=5,
    stage_name="terminal descent",
    seed=7,
    control_interval_s=0.1,
    time_limit_s=120.0,
    max_touchdown_speed_m_s=3.0,
    max_distance_m=20.0,
    max_tilt_deg=12.0,
    nose_offset_m=32.0,
    thruster_offset_m=12.0,
    engine_offset_m=-18.0,
    foot_offset_m=-20.5,
    hull_radius_m=4.5,
    foot_radius_m=9.0,
    start_propellant_kg=20_000.0,
    bearing_rad=math.pi / 2,  # the approach plane is x = 0
    profile_distance_m=tuple(float(along) for along in range(-1000, 1001, 10)),
    profile_height_m=tuple(along / 100.0 for along in range(-1000, 1001, 10)),
)


def sample(along_m: float = 100.0, altitude_m: float = 500.0, **changes: object) -> FlightSample:
    """Upright, over a point of the approach plane, at 40 m/s; `changes` replace fields."""
    plain = FlightSample(
        time_s=12.5,
        altitude_m=altitude_m,
        ground_height_m=along_m / 100.0,
        x_m=0.0,
        y_m=along_m,
        distance_m=abs(along_m),
        velocity_x_m_s=0.0,
        velocity_y_m_s=-3.0,
        velocity_z_m_s=-40.0,
        descent_rate_m_s=40.0,
        horizontal_speed_m_s=3.0,
        up_x=0.0,
        up_y=0.0,
        up_z=1.0,
        tilt_deg=0.0,
        spin_deg_s=0.2,
        propellant_kg=15_000.0,
        propellant_fraction=0.75,
        engine_thrust=(0.62, 0.0, 0.0),
        gimbal_deg=(3.0, 4.0, 0.0, 0.0, 0.0, 0.0),
        landing_thrust=(1.0, 0.5, 0.0),
        rcs=(-1.0, 0.5, 0.0),
        feet_down=0,
        reward=12.3,
    )
    return msgspec.structs.replace(plain, **changes)


def descent(start_m: float = 800.0, steps: int = 200) -> list[FlightSample]:
    """From `start_m` above the ground to the pad, in a straight line, evenly."""
    return [
        sample(0.5 * start_m * left / steps, start_m * left / steps, time_s=0.1 * (steps - left))
        for left in range(steps, -1, -1)
    ]


LANDED = FlightEnded(
    outcome="landed",
    success=True,
    steps=201,
    time_s=20.1,
    altitude_m=-0.19,
    distance_m=1.25,
    speed_m_s=0.01,
    touchdown_speed_m_s=1.5,
    touchdown_tilt_deg=2.25,
    propellant_used_kg=5_000.0,
    propellant_left_kg=15_000.0,
    reward=1_450.0,
    components={"shaping": 50.0, "landing": 1000.0, "failure": 0.0},
)
ABORTED = msgspec.structs.replace(
    LANDED,
    outcome="off_target",
    success=False,
    touchdown_speed_m_s=None,
    touchdown_tilt_deg=None,
    altitude_m=650.0,
    speed_m_s=81.5,
)
