"""The trajectories of an evaluation's episodes, in one compressed file of plain arrays."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


class TrajectoriesError(Exception):
    """A trajectory file is missing or damaged. The message is one line for the user."""


@dataclass(frozen=True)
class Trajectories:
    """E episodes in the order of their seeds, M rows in total, K columns.

    The file has an array for each field. It is self-describing: it names columns and outcomes.
    """

    columns: npt.NDArray[
        np.str_
    ]  # (K,) names with units; env.state.buffers.TRACK_DTYPE explains them
    rows: npt.NDArray[np.float32]  # (M, K), episode after episode, each in time order
    offsets: npt.NDArray[np.int64]  # (E + 1,): episode e has rows[offsets[e] : offsets[e + 1]]
    seeds: npt.NDArray[np.uint64]  # (E,)
    outcomes: npt.NDArray[np.str_]  # (E,)
    reward: npt.NDArray[np.float64]  # (E,)
    roughness: npt.NDArray[np.float64]  # (E,)
    touchdown_speed_m_s: npt.NDArray[np.float64]  # (E,), NaN if no foot touched the ground
    touchdown_tilt_deg: npt.NDArray[np.float64]  # (E,), likewise
    reference_height_m: npt.NDArray[np.float64]  # (H,), ascending: heights above the ground ...
    reference_descent_m_s: npt.NDArray[np.float64]  # (H,) ... and the reference descent rates there

    def __post_init__(self) -> None:
        episodes = len(self.seeds)
        expected = {
            "rows": (np.float32, (int(self.offsets[-1]), len(self.columns))),
            "offsets": (np.int64, (episodes + 1,)),
            "seeds": (np.uint64, (episodes,)),
            "reward": (np.float64, (episodes,)),
            "roughness": (np.float64, (episodes,)),
            "touchdown_speed_m_s": (np.float64, (episodes,)),
            "touchdown_tilt_deg": (np.float64, (episodes,)),
            "reference_height_m": (np.float64, self.reference_descent_m_s.shape),
        }
        for name, (kind, shape) in expected.items():
            array = getattr(self, name)
            if array.dtype != kind or array.shape != shape:
                raise ValueError(f"{name} is {array.dtype} {array.shape}, expected {kind} {shape}")
        if self.outcomes.shape != (episodes,):
            raise ValueError(f"outcomes has shape {self.outcomes.shape}, expected {(episodes,)}")
        if self.offsets[0] != 0 or (np.diff(self.offsets) < 2).any():
            raise ValueError(
                "offsets must ascend from 0 by at least 2: each episode has a start and an end"
            )

    def column(self, name: str) -> npt.NDArray[np.float32]:
        """One column of all rows (M,). Raises KeyError."""
        found = np.flatnonzero(self.columns == name)
        if len(found) != 1:
            raise KeyError(name)
        values: npt.NDArray[np.float32] = self.rows[:, found[0]]
        return values

    def flight(self, episode: int) -> slice:
        """The rows of an episode, counted from 0."""
        return slice(int(self.offsets[episode]), int(self.offsets[episode + 1]))

    def last(self, name: str) -> npt.NDArray[np.float32]:
        """A column's value at each episode's end (E,). Raises KeyError."""
        return self.column(name)[self.offsets[1:] - 1]


def encode_trajectories(trajectories: Trajectories) -> bytes:
    """The trajectories as the file's content."""
    content = io.BytesIO()
    arrays: dict[str, Any] = {field.name: getattr(trajectories, field.name) for field in _FIELDS}
    # Column by column: slowly changing values compress well.
    arrays["rows"] = np.asfortranarray(trajectories.rows)
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def read_trajectories(path: Path) -> Trajectories:
    """Read a file. Raises TrajectoriesError."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Trajectories(**{field.name: arrays[field.name] for field in _FIELDS})
    except OSError as error:
        raise TrajectoriesError(f"{path}: {error.strerror or error}") from None
    except KeyError as error:
        raise TrajectoriesError(f"{path}: {error} is missing") from None
    except (ValueError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise TrajectoriesError(f"{path}: {error}") from None


_FIELDS = fields(Trajectories)
