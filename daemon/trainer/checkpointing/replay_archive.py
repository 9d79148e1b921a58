"""A replay buffer as plain arrays: only filled rows are written, and nothing is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from daemon.trainer.algorithms.replay_buffer import FleetReplayBuffer
from env.state.archive import open_archive

_ROWS = ("observations", "actions", "rewards", "dones")  # (rows, landers, ...)
_LANDERS = ("next_row", "held")  # (landers,)


def save_replay(buffer: FleetReplayBuffer, path: Path) -> None:
    """Write the rows in use and each lander's next row as an .npz. Raises OSError."""
    stored: dict[str, Any] = {name: getattr(buffer, name)[: buffer.size()] for name in _ROWS}
    stored |= {name: getattr(buffer, name) for name in _LANDERS}
    with path.open("wb") as stream:
        np.savez(stream, **stored)


def load_replay(buffer: FleetReplayBuffer, path: Path) -> None:
    """Load into a new buffer what `save_replay` wrote.

    Raises OSError; ValueError naming what is missing or does not fit the buffer.
    """
    with open_archive(path) as stored:
        for name in (*_ROWS, *_LANDERS):
            if name not in stored.files:
                raise ValueError(f"{name}: missing")
        rows = len(stored["rewards"])
        for name in (*_ROWS, *_LANDERS):
            into, array = getattr(buffer, name), stored[name]
            shape = into.shape if name in _LANDERS else (rows, *into.shape[1:])
            if array.shape != shape or array.dtype != into.dtype:
                raise ValueError(
                    f"{name}: {array.dtype} of shape {array.shape}, "
                    f"this run's is {into.dtype} of shape {shape}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: not finite")
        held, next_row = stored["held"], stored["next_row"]
        # A lander's rows start at row 0 until the buffer is full, then wrap around.
        whole = np.where(held < buffer.buffer_size, held == next_row, next_row < held)
        if rows > buffer.buffer_size or held.max() != rows or held.min() < 0 or not whole.all():
            raise ValueError(
                f"held, next_row: inconsistent with {rows} rows in {buffer.buffer_size}"
            )
        for name in _ROWS:
            getattr(buffer, name)[:rows] = stored[name]
        for name in _LANDERS:
            getattr(buffer, name)[:] = stored[name]
