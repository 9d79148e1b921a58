"""Checkpoint requests that wait for the trainer's report."""

from __future__ import annotations

import asyncio

from daemon.config.schema import CheckpointKind
from daemon.protocol.trainer import CheckpointSaved


class NoTrainerError(Exception):
    """No trainer can save, or saving failed. The message says why."""


class CheckpointRequests:
    """The pending requests, each for a kind of checkpoint."""

    def __init__(self) -> None:
        self._waiters: list[tuple[CheckpointKind, asyncio.Future[CheckpointSaved]]] = []

    def expect(self, kind: CheckpointKind) -> asyncio.Future[CheckpointSaved]:
        """A future of the next checkpoint of this kind; it may raise NoTrainerError."""
        future: asyncio.Future[CheckpointSaved] = asyncio.get_running_loop().create_future()
        self._waiters.append((kind, future))
        return future

    def saved(self, checkpoint: CheckpointSaved) -> None:
        """Complete the requests for this kind."""
        for kind, waiter in self._waiters:
            if kind == checkpoint.kind and not waiter.done():
                waiter.set_result(checkpoint)
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]

    def failed(self, why: str, kind: str | None = None) -> None:
        """Fail the requests for this kind, or all, with NoTrainerError(why)."""
        for expected, waiter in self._waiters:
            if kind in (None, expected) and not waiter.done():
                waiter.set_exception(NoTrainerError(why))
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]
