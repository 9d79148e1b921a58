"""What the pilot reads out of an observation, by name: physical quantities in body axes.

Body axes need no heading: up, the pad and the velocity are observed in them, and so the pilot
flies the same towards any side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.guidance import reference_closing_m_s, reference_descent_m_s
from env.observation import OBSERVATIONS
from env.pilot.vectors import Numbers, Vectors, unit

_INDEX = {row.name: index for index, row in enumerate(OBSERVATIONS)}


class Sensed(NamedTuple):
    """N craft; vectors in body axes."""

    height_m: Numbers  # (N,) of the feet above the ground
    up: Vectors  # (N, 3) unit vector
    pad_m: Vectors  # (N, 3) horizontal, from the craft to the pad
    velocity_m_s: Vectors  # (N, 3)
    rate_rad_s: Vectors  # (N, 3)
    propellant_kg: Numbers  # (N,)
    throttle: Numbers  # (N, E) of full engine thrust
    gimbal: Numbers  # (N, 2 E) of the full angle
    landing: Numbers  # (N, L) of full landing thrust


def decode(observations: npt.NDArray[np.float32], n_engines: int, n_landing: int) -> Sensed:
    """Observations (N, D) as physical quantities: env.observation's scales undone."""
    rows = observations.astype(np.float64)

    def column(name: str) -> Numbers:
        return rows[:, _INDEX[name]]

    def axes(name: str) -> Vectors:
        return rows[:, [_INDEX[f"{name}_{axis}"] for axis in "xyz"]]

    def parts(name: str, count: int) -> Numbers:
        return rows[:, [_INDEX[f"{name}_{k}"] for k in range(count)]]

    near = column("near_height")
    height = np.where(
        near < 0.8,
        10.0 * near / (1.0 - np.minimum(near, 0.8)),
        np.expm1(10.0 * column("log_height")),
    )
    up = unit(axes("up_body"))
    pad = np.sinh(axes("pad_direction_body"))
    offset = np.sinh(rows[:, [_INDEX["pad_offset_x"], _INDEX["pad_offset_y"]]])
    closing = reference_closing_m_s(height, np.hypot(offset[:, 0], offset[:, 1]))
    field = closing[:, None] * unit(pad) - reference_descent_m_s(height)[:, None] * up
    scale = 1.0 + 0.2 * np.sinh(column("reference_speed"))
    return Sensed(
        height_m=height,
        up=up,
        pad_m=pad,
        velocity_m_s=axes("velocity_error_body") * scale[:, None] + field,
        rate_rad_s=axes("omega_BN_B") / 10.0,
        propellant_kg=column("propellant") * 50_000.0,
        throttle=parts("engine", n_engines),
        gimbal=parts("gimbal", 2 * n_engines),
        landing=parts("landing_thruster", n_landing),
    )
