"""Tracks: the recorded part of a craft's state, read for many craft at once.

Compiled, so that recording a fleet is cheap. For the full state of one craft see :mod:`telemetry`,
for the columns `buffers.TRACK_DTYPE`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.base.moon import RADIUS_M
from env.physics.attitude import body_to_inertial
from env.state.buffers import TRACK_DTYPE, Buffers, doubles_at
from env.terrain.ground import ground_height_m

TRACK_COLUMNS: tuple[str, ...] = TRACK_DTYPE.names or ()


def read_tracks(buffers: Buffers, crafts: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """The current rows of these craft, (len(crafts), K), with the columns of TRACK_COLUMNS."""
    rows = np.empty(len(crafts), TRACK_DTYPE)
    _fill(buffers, crafts, rows)
    return as_table(rows)


def as_table(rows: npt.NDArray[np.void]) -> npt.NDArray[np.float32]:
    """Rows of TRACK_DTYPE (N,) as numbers (N, K)."""
    return np.ascontiguousarray(rows).view(np.float32).reshape(len(rows), len(TRACK_COLUMNS))


@njit(cache=True)
def _fill(buffers: Buffers, crafts: Any, rows: Any) -> None:
    for k in range(len(crafts)):
        note_track(buffers, crafts[k], rows[k])


@njit(cache=True)
def note_track(buffers: Buffers, i: int, row: Any) -> None:
    """Fill the TRACK_DTYPE record `row` with craft i's true state."""
    vehicle, episode = buffers.vehicle[i], buffers.episode[i]
    position = doubles_at(buffers.state_address[i, 0], 3)
    velocity = doubles_at(buffers.state_address[i, 1], 3)
    dcm = np.empty((3, 3))
    body_to_inertial(doubles_at(buffers.state_address[i, 2], 3), dcm)
    x = position[0] - vehicle.foot_offset_m * dcm[0, 2]
    y = position[1] - vehicle.foot_offset_m * dcm[1, 2]
    z = position[2] - vehicle.foot_offset_m * dcm[2, 2]
    ground = ground_height_m(buffers.maps, buffers.site[i], x, y)
    radius, descent, square = 0.0, 0.0, 0.0
    for k in range(3):
        radius += position[k] * position[k]
        descent -= velocity[k] * position[k]
        square += velocity[k] * velocity[k]
    descent /= math.sqrt(radius)
    held = doubles_at(buffers.state_address[i, 4], 1)[0]
    held += doubles_at(buffers.state_address[i, 5], 1)[0]
    row.time_s = episode.time_s
    row.x_m = x
    row.y_m = y
    row.height_m = math.sqrt(x * x + y * y + z * z) - RADIUS_M - ground
    row.ground_height_m = ground
    row.descent_rate_m_s = descent
    row.horizontal_speed_m_s = math.sqrt(max(square - descent * descent, 0.0))
    row.tilt_deg = math.degrees(math.acos(min(max(dcm[2, 2], -1.0), 1.0)))
    row.propellant_fraction = held / episode.start_propellant_kg
    row.engine_thrust = _mean(buffers.actuator[i], 0, vehicle.gimbal_start)
    row.landing_thrust = _mean(buffers.actuator[i], vehicle.landing_start, vehicle.rcs_start)
    row.feet_down = episode.feet_down


@njit(cache=True)
def _mean(values: Any, first: int, last: int) -> float:
    """Mean of values[first:last]; 0 if empty."""
    total = 0.0
    for k in range(first, last):
        total += values[k]
    return float(total / max(last - first, 1))
