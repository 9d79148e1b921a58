"""A live flight: `FlightReport` lines from the trainer's `fly` command.

First `Startup` lines, then `FlightBegan`, then a `FlightSample` for each control step, the start
included, then `FlightEnded`; or, at any point, `FlightFailed` as the last line.
"""

from __future__ import annotations

import msgspec

from daemon.protocol.trainer import Startup

REFERENCE = "reference"  # the reference pilot, which is not a policy


class FlightBegan(msgspec.Struct, frozen=True, kw_only=True, tag="began"):
    """Pilot, vehicle, start and success limits of the flight."""

    pilot: str  # REFERENCE or a checkpoint's id
    vehicle: str
    stage: int  # counted from 1
    stages: int
    stage_name: str
    seed: int  # of the episode: reproduces start and terrain
    drawn: str = ""  # the dispersions drawn for it, in words; empty without any
    control_interval_s: float
    time_limit_s: float
    max_touchdown_speed_m_s: float
    max_distance_m: float
    max_tilt_deg: float  # at rest
    nose_offset_m: float  # along the craft's axis from the body origin, as the next three
    thruster_offset_m: float
    engine_offset_m: float
    foot_offset_m: float
    hull_radius_m: float
    foot_radius_m: float  # of the circle on which the feet stand
    start_propellant_kg: float
    bearing_rad: float  # of the start seen from the pad, from +x towards +y
    profile_distance_m: tuple[float, ...]  # along that bearing, ascending, 0 at the pad
    profile_height_m: tuple[float, ...]  # of the ground there, above the sphere through the pad


class FlightSample(msgspec.Struct, frozen=True, kw_only=True, tag="sample"):
    """The craft's true state after a control step: the fields of env.state.telemetry.Telemetry."""

    time_s: float
    altitude_m: float
    ground_height_m: float
    x_m: float
    y_m: float
    distance_m: float
    velocity_x_m_s: float
    velocity_y_m_s: float
    velocity_z_m_s: float
    descent_rate_m_s: float
    horizontal_speed_m_s: float
    up_x: float
    up_y: float
    up_z: float
    tilt_deg: float
    spin_deg_s: float
    propellant_kg: float
    propellant_fraction: float
    engine_thrust: tuple[float, ...]
    gimbal_deg: tuple[float, ...]
    landing_thrust: tuple[float, ...]
    rcs: tuple[float, ...]
    feet_down: int
    reward: float


class FlightEnded(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """The flight's result. Touchdown figures are None if no foot touched the ground."""

    outcome: str  # a name of env.task.reward.Outcome in lower case
    success: bool
    steps: int
    time_s: float
    altitude_m: float
    distance_m: float
    speed_m_s: float  # at the end
    touchdown_speed_m_s: float | None
    touchdown_tilt_deg: float | None
    propellant_used_kg: float
    propellant_left_kg: float
    reward: float
    components: dict[str, float]  # of the reward, by name


class FlightFailed(msgspec.Struct, frozen=True, tag="failed"):
    """The flight cannot be flown. `text`: one line for the user."""

    text: str


FlightReport = Startup | FlightBegan | FlightSample | FlightEnded | FlightFailed

flight_decoder = msgspec.json.Decoder(FlightReport)
_encoder = msgspec.json.Encoder()


def encode_flight_line(message: FlightReport) -> bytes:
    """One JSON line, newline included."""
    return _encoder.encode(message) + b"\n"
