"""A craft's true state, for displays and recordings. Read-only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from env.base.moon import RADIUS_M
from env.physics.attitude import body_to_inertial
from env.state.buffers import Buffers, doubles_at
from env.terrain.ground import ground_height_m
from env.terrain.maps import Ground

PROFILE_DETAIL_M = (
    20.0  # within this distance the profile's points are evenly spaced, beyond it ever wider
)


@dataclass(frozen=True)
class Telemetry:
    """One craft's true state. Axes x, y, z are Moon-centred; the pad is at x = y = 0."""

    time_s: float  # since the start of the episode
    altitude_m: float  # of the point between the feet, above the ground
    ground_height_m: float  # below that point, above the sphere through the pad
    x_m: float  # of that point
    y_m: float
    distance_m: float  # horizontal, of that point from the pad
    velocity_x_m_s: float
    velocity_y_m_s: float
    velocity_z_m_s: float
    descent_rate_m_s: float  # along the local vertical
    horizontal_speed_m_s: float
    up_x: float  # direction of the craft's z axis
    up_y: float
    up_z: float
    tilt_deg: float  # of that axis from the pad's vertical
    spin_deg_s: float
    propellant_kg: float
    propellant_fraction: float  # of the initial propellant
    engine_thrust: tuple[float, ...]  # of full thrust, per engine
    gimbal_deg: tuple[float, ...]  # two angles per engine
    landing_thrust: tuple[float, ...]  # of full thrust, per group
    rcs: tuple[float, ...]  # of full torque, about the body's x, y and z
    feet_down: int
    reward: float  # of the episode so far


@dataclass(frozen=True)
class GroundProfile:
    """The ground along a straight line through the pad."""

    distance_m: tuple[float, ...]  # from the pad along the line, ascending
    height_m: tuple[float, ...]  # above the sphere through the pad


@dataclass(frozen=True)
class EpisodeGround:
    """The ground of one episode, for compiled code; it outlives the episode."""

    ground: Ground
    site: npt.NDArray[np.void]  # () SITE_DTYPE


def read_attitude(buffers: Buffers, craft: int) -> npt.NDArray[np.float64]:
    """The matrix (3, 3) that turns the craft's body axes into Moon-centred ones."""
    dcm = np.empty((3, 3))
    body_to_inertial(doubles_at(buffers.state_address[craft, 2], 3), dcm)
    return dcm


def read_telemetry(buffers: Buffers, craft: int) -> Telemetry:
    """The current state of `craft`. After a step that ended its episode: that of the next one."""
    vehicle, episode = buffers.vehicle[craft], buffers.episode[craft]
    position = doubles_at(buffers.state_address[craft, 0], 3)
    velocity = doubles_at(buffers.state_address[craft, 1], 3)
    omega = doubles_at(buffers.state_address[craft, 3], 3)
    up = read_attitude(buffers, craft)[:, 2]
    feet = position - float(vehicle["foot_offset_m"]) * up
    ground = _ground_height_m(buffers, craft, float(feet[0]), float(feet[1]))
    radius = float(np.linalg.norm(position))
    descent = -float(velocity @ position) / radius
    square = float(velocity @ velocity) - descent**2
    oxidizer = doubles_at(buffers.state_address[craft, 4], 1)
    fuel = doubles_at(buffers.state_address[craft, 5], 1)
    propellant = float(oxidizer[0] + fuel[0])
    actuator = buffers.actuator[craft]
    gimbal, landing, rcs = (
        int(vehicle[name]) for name in ("gimbal_start", "landing_start", "rcs_start")
    )
    return Telemetry(
        time_s=float(episode["time_s"]),
        altitude_m=float(np.linalg.norm(feet)) - RADIUS_M - ground,
        ground_height_m=ground,
        x_m=float(feet[0]),
        y_m=float(feet[1]),
        distance_m=math.hypot(feet[0], feet[1]),
        velocity_x_m_s=float(velocity[0]),
        velocity_y_m_s=float(velocity[1]),
        velocity_z_m_s=float(velocity[2]),
        descent_rate_m_s=descent,
        horizontal_speed_m_s=math.sqrt(max(square, 0.0)),
        up_x=float(up[0]),
        up_y=float(up[1]),
        up_z=float(up[2]),
        tilt_deg=math.degrees(math.acos(min(max(float(up[2]), -1.0), 1.0))),
        spin_deg_s=math.degrees(float(np.linalg.norm(omega))),
        propellant_kg=propellant,
        propellant_fraction=propellant / float(episode["start_propellant_kg"]),
        engine_thrust=_floats(actuator[:gimbal]),
        gimbal_deg=_floats(np.degrees(actuator[gimbal:landing])),
        landing_thrust=_floats(actuator[landing:rcs]),
        rcs=_floats(actuator[rcs : int(vehicle["n_actions"])]),
        feet_down=int(episode["feet_down"]),
        reward=float(episode["return_"]),
    )


def read_profile(
    buffers: Buffers, craft: int, *, bearing_rad: float, reach_m: float, points: int
) -> GroundProfile:
    """The ground of craft `craft`'s episode along `bearing_rad` (from +x towards +y) through the
    pad, `reach_m` to both sides, in `points` points, densest at the pad."""
    span = math.asinh(reach_m / PROFILE_DETAIL_M)
    along = PROFILE_DETAIL_M * np.sinh(np.linspace(-span, span, points))
    x, y = along * math.cos(bearing_rad), along * math.sin(bearing_rad)
    heights = (
        _ground_height_m(buffers, craft, float(a), float(b)) for a, b in zip(x, y, strict=True)
    )
    return GroundProfile(_floats(along), tuple(heights))


def _ground_height_m(buffers: Buffers, craft: int, x_m: float, y_m: float) -> float:
    return float(ground_height_m(buffers.maps, buffers.site[craft], x_m, y_m))


def _floats(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
