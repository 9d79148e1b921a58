"""What a training had measured when a checkpoint was saved: the newest value of each metric.

The store of the home may lack the last samples before a kill; the checkpoint has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from daemon.base.malformed import MALFORMED

STATE_FILE = "training_state.json"
_OF_THE_CLOCK = "time/"  # not the same again in a training that was interrupted


class Measurement(msgspec.Struct, frozen=True, array_like=True):
    """The newest value of a metric; None: it was not a finite number."""

    timesteps: Annotated[int, Meta(ge=0)]
    value: float | None


class _State(msgspec.Struct):
    """What this module reads of the file."""

    measured: dict[str, Measurement] = {}
    warm_start_steps: Annotated[int, Meta(ge=0)] = 0


def depends_on_clock(metric: str) -> bool:
    """Whether a metric is of the wall time, which no checkpoint keeps."""
    return metric.startswith(_OF_THE_CLOCK)


def read_measured(folder: Path) -> dict[str, Measurement]:
    """The measurements of a checkpoint, by metric; none of one that an older version saved.

    Raises ValueError for a file that is not of a checkpoint, OSError.
    """
    return _read(folder).measured


def read_warm_start_steps(folder: Path) -> int:
    """Environment steps flown to clone the pilot into a checkpoint's model; 0: not cloned.

    Raises ValueError for a file that is not of a checkpoint, OSError.
    """
    return _read(folder).warm_start_steps


def _read(folder: Path) -> _State:
    path = folder / STATE_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=_State)
    except MALFORMED as error:
        raise ValueError(f"{path}: {error}") from None
