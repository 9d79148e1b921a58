"""A fleet's state between two steps as plain arrays: all that its future depends on.

Every field of the buffers is carried over, static or of one step alone: the tables below say which.
Of Basilisk, only the six states of each craft (`craft`) carry over. Its modules read their
messages anew in each step, take a step's length from the difference of two whole nanosecond counts,
and recompute mass properties in each evaluation; what they accumulate (velocity increments, energy,
output messages) nothing reads. So neither the clock nor anything else of it is in a snapshot.
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
# What the fleet is made of, and where Basilisk keeps its states in this process.
STATIC = ("vehicle", "sensors", "lidar", "low", "high", "state_address", "maps")
# Written within a step before anything reads it.
PER_STEP = ("action", "finished", "last_observation", "reward", "done")

_STATES = "basilisk_states"
_STATE_SIZES = (3, 3, 3, 3, 1, 1)  # doubles of each state, in the order of Buffers.state_address
_NAN_MEANS_NONE = "reading.ranges_m"  # a ray that nothing came back from


@dataclass(frozen=True)
class FleetSnapshot:
    """What a fleet of `vehicle` carries from one step to the next; arrays have a row a craft."""

    vehicle: str
    arrays: dict[str, npt.NDArray[Any]]

    def save(self, path: Path) -> None:
        """Write an .npz without pickle. Raises OSError."""
        named: dict[str, Any] = self.arrays | {"vehicle": np.array(self.vehicle)}
        with path.open("wb") as stream:
            np.savez(stream, **named)

    @classmethod
    def load(cls, path: Path) -> FleetSnapshot:
        """Read what `save` wrote. Raises OSError; ValueError for anything else."""
        with open_archive(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        vehicle = arrays.pop("vehicle", None)
        if vehicle is None or vehicle.shape != () or vehicle.dtype.kind != "U":
            raise ValueError("vehicle: the snapshot does not say which")
        return cls(str(vehicle), arrays)


def take_snapshot(buffers: Buffers, vehicle: str) -> FleetSnapshot:
    """Copy what a fleet of `vehicle` carries over, between two steps."""
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(buffers, name).copy() for name in CARRIED}
    states = np.empty(_states_shape(buffers))
    for row, pieces in zip(states, _pieces(buffers), strict=True):
        np.concatenate(pieces, out=row)
    return FleetSnapshot(vehicle, arrays | {_STATES: states})


def restore_snapshot(buffers: Buffers, vehicle: str, snapshot: FleetSnapshot) -> None:
    """Put a fleet of `vehicle` where the snapshot was taken, to the bit.

    Raises ValueError, before anything is changed, naming what does not fit this fleet or is no
    state of any: another vehicle or number of landers, missing or strange arrays, another layout,
    a number that is not finite.
    """
    if snapshot.vehicle != vehicle:
        raise ValueError(f"vehicle: the snapshot's is {snapshot.vehicle}, this fleet's {vehicle}")
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
    """Raise ValueError naming the first array that is not as expected, or not finite."""
    for name in expected.keys() ^ found.keys():
        raise ValueError(f"{name}: {'missing' if name in expected else 'no snapshot has it'}")
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
