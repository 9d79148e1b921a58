"""A fleet's complete state between two steps, as plain arrays.

Every field of the buffers is either carried over, static, or used within one step: see below. Of
Basilisk, only the six states of each craft (`craft`) carry over. Its modules read their messages
again in each step, take a step's length from the difference of two whole nanosecond counts, and
recompute mass properties in each evaluation; what they accumulate (velocity increments, energy,
output messages) is not used. So a snapshot contains neither the clock nor anything else of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from env.state.archive import open_archive
from env.state.buffers import Buffers, doubles_at

CARRIED = (
    "start",
    "episode",
    "site",
    "foot",
    "stream",
    "bias",
    "reading",  # LiDAR frames are held for longer than a step
    "delta_velocity",
    "previous_action",
    "actuator",
    "engine_wait_s",
    "component",
    "observation",
)
# The fleet's configuration, and the addresses of Basilisk's states in this process.
STATIC = ("model", "vehicle", "sensors", "lidar", "low", "high", "state_address", "maps")
# Written within a step before it is read.
PER_STEP = ("action", "finished", "last_observation", "reward", "done")

_STATES = "basilisk_states"
_STATE_SIZES = (3, 3, 3, 3, 1, 1)  # doubles of each state, in the order of Buffers.state_address
_NAN_MEANS_NONE = "reading.ranges_m"  # a ray without a return


@dataclass(frozen=True)
class FleetSnapshot:
    """The state of a fleet of `vehicle` between two steps; arrays have one row per craft."""

    vehicle: str
    arrays: dict[str, npt.NDArray[Any]]

    def save(self, path: Path) -> None:
        """Write an .npz without pickle. Raises OSError."""
        named: dict[str, Any] = self.arrays | {"vehicle": np.array(self.vehicle)}
        with path.open("wb") as stream:
            np.savez(stream, **named)

    @classmethod
    def load(cls, path: Path) -> FleetSnapshot:
        """Read a file of `save`. Raises OSError; ValueError for any other file."""
        with open_archive(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        vehicle = arrays.pop("vehicle", None)
        if vehicle is None or vehicle.shape != () or vehicle.dtype.kind != "U":
            raise ValueError("vehicle: missing in the snapshot")
        return cls(str(vehicle), arrays)


def take_snapshot(buffers: Buffers, vehicle: str) -> FleetSnapshot:
    """Copy the state of a fleet of `vehicle` between two steps."""
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(buffers, name).copy() for name in CARRIED}
    states = np.empty(_states_shape(buffers))
    for row, pieces in zip(states, _pieces(buffers), strict=True):
        np.concatenate(pieces, out=row)
    return FleetSnapshot(vehicle, arrays | {_STATES: states})


def restore_snapshot(buffers: Buffers, vehicle: str, snapshot: FleetSnapshot) -> None:
    """Restore a fleet of `vehicle` bit-identically from a snapshot.

    Raises ValueError, before changing anything, if the snapshot does not fit this fleet or is
    invalid: another vehicle or number of landers, missing or unknown arrays, another layout, a
    number that is not finite.
    """
    if snapshot.vehicle != vehicle:
        raise ValueError(f"vehicle: the snapshot has {snapshot.vehicle}, this fleet {vehicle}")
    carried = {name: getattr(buffers, name) for name in CARRIED}
    _check(snapshot.arrays, carried | {_STATES: np.empty(_states_shape(buffers))})
    for name, array in carried.items():
        array[...] = snapshot.arrays[name]
    edges = np.cumsum(_STATE_SIZES)[:-1]
    for row, pieces in zip(snapshot.arrays[_STATES], _pieces(buffers), strict=True):
        for piece, numbers in zip(pieces, np.split(row, edges), strict=True):
            piece[:] = numbers


def _states_shape(buffers: Buffers) -> tuple[int, int]:
    return len(buffers.state_address), sum(_STATE_SIZES)


def _pieces(buffers: Buffers) -> Iterator[list[npt.NDArray[np.float64]]]:
    """Basilisk's own memory of each craft's states."""
    for addresses in buffers.state_address:
        yield [doubles_at(a, size) for a, size in zip(addresses, _STATE_SIZES, strict=True)]


def _check(found: dict[str, npt.NDArray[Any]], expected: dict[str, npt.NDArray[Any]]) -> None:
    """Raise ValueError for the first array with a wrong layout or a value that is not finite."""
    for name in expected.keys() ^ found.keys():
        raise ValueError(f"{name}: {'missing' if name in expected else 'unknown array'}")
    for name, array in expected.items():
        if found[name].ndim > 0 and len(found[name]) != len(array):
            raise ValueError(
                f"n_envs: {name} has {len(found[name])} landers, this fleet has {len(array)}"
            )
        if found[name].shape != array.shape:
            raise ValueError(f"{name}: shape {found[name].shape}, this fleet's is {array.shape}")
        if found[name].dtype != array.dtype:
            raise ValueError(f"{name}: not of this version's layout, {array.dtype}")
        _check_finite(name, found[name])


def _check_finite(name: str, array: npt.NDArray[Any]) -> None:
    if array.dtype.names:
        for field in array.dtype.names:
            _check_finite(f"{name}.{field}", array[field])
    elif array.dtype.kind == "f":
        wrong = np.isinf(array) if name == _NAN_MEANS_NONE else ~np.isfinite(array)
        if wrong.any():
            raise ValueError(f"{name}: not finite, lander {int(np.argwhere(wrong)[0, 0])}")
