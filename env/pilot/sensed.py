"""Decodes an observation into physical quantities in body axes.

Body axes need no heading: up, pad and velocity are observed in them, so the pilot flies the same
way in any direction.

The pad is observed from the point between the feet, the velocity is that of the body axes' origin,
which is far above them: on the starship-hls 20.5 m, so a tilt of 8 degrees swings the feet 2.9 m
ahead of it. A law that steers the feet by that velocity stops them over the pad while the craft
still leans, and they swing back as it rises. So the pad is decoded as seen from below the origin,
where the feet will be once the craft is upright: there it moves with the velocity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle, vehicle_record
from env.pilot.vectors import Numbers, Vectors, cross, dot, unit
from env.task.observation import observation_table

NOSE = np.array([0.0, 0.0, 1.0])


class Sensed(NamedTuple):
    """N craft; vectors in body axes."""

    height_m: Numbers  # (N,) of the feet above the ground
    up: Vectors  # (N, 3) unit vector
    pad_m: Vectors  # (N, 3) horizontal, to the pad from below the body axes' origin
    velocity_m_s: Vectors  # (N, 3)
    rate_rad_s: Vectors  # (N, 3)
    propellant_kg: Numbers  # (N,)
    throttle: Numbers  # (N, E) of full engine thrust
    gimbal: Numbers  # (N, 2 E) of the full angle
    landing: Numbers  # (N, L) of full landing thrust


class Decoder:
    """Converts a vehicle's observations (N, D) to physical quantities, inverting their scales."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._index = {row.name: k for k, row in enumerate(observation_table(vehicle))}
        self._actuators = len(self._index) - vehicle.n_actions
        self._foot_offset_m = float(vehicle_record(vehicle)[0]["foot_offset_m"])

    def decode(self, observations: npt.NDArray[np.float32]) -> Sensed:
        """The sensed quantities of N craft."""
        rows = observations.astype(np.float64)

        def column(name: str) -> Numbers:
            return rows[:, self._index[name]]

        def axes(name: str) -> Vectors:
            return rows[:, [self._index[f"{name}_{axis}"] for axis in "xyz"]]

        near = column("near_height")
        height = np.where(
            near < 0.8,
            10.0 * near / (1.0 - np.minimum(near, 0.8)),
            np.expm1(10.0 * column("log_height")),
        )
        up = unit(axes("up_body"))
        to_pad = np.sinh(axes("pad_direction_body"))
        pad = _level(to_pad, up)  # from the feet
        # The pad is observed in both frames, which gives the orientation of the pad axes in the
        # body.
        offset = np.sinh(rows[:, [self._index["pad_offset_x"], self._index["pad_offset_y"]]])
        square = np.maximum((offset**2).sum(1), 1e-12)[:, None]
        east = (offset[:, 1:] * cross(up, pad) - offset[:, :1] * pad) / square
        velocity = np.sinh(axes("velocity"))
        level = velocity[:, :1] * east + velocity[:, 1:2] * cross(up, east)
        craft = self._vehicle
        exhaust_m_s = craft.engine_isp_s * STANDARD_GRAVITY_M_S2
        engines, groups = craft.n_engines, craft.n_landing_thrusters
        state = rows[:, self._actuators :]
        return Sensed(
            height_m=height,
            up=up,
            pad_m=pad - self._foot_offset_m * _level(NOSE, up),
            velocity_m_s=level + velocity[:, 2:] * up,
            rate_rad_s=axes("omega_BN_B") / 10.0,
            propellant_kg=craft.hub_mass_kg * np.expm1(1e3 * column("delta_v_left") / exhaust_m_s),
            throttle=state[:, :engines],
            gimbal=state[:, engines : 3 * engines],
            landing=state[:, 3 * engines : 3 * engines + groups],
        )


def _level(vectors: Vectors, up: Vectors) -> Vectors:
    """The horizontal part of vectors (3,) or (N, 3); `up` (N, 3) are unit vectors."""
    level: Vectors = vectors - dot(vectors, up)[:, None] * up
    return level
