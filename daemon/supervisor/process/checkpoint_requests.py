"""Requests for a checkpoint that wait for the trainer's report of it."""

from __future__ import annotations

import asyncio

from daemon.config.schema import CheckpointKind
from daemon.protocol.trainer import CheckpointSaved


class NoTrainerError(Exception):
    """There is no trainer that could save, or it failed to. The message says why."""


class CheckpointRequests:
    """Who waits for a checkpoint of which kind."""

    def __init__(self) -> None:
        self._waiters: list[tuple[CheckpointKind, asyncio.Future[CheckpointSaved]]] = []

    def expect(self, kind: CheckpointKind) -> asyncio.Future[CheckpointSaved]:
        """The next checkpoint of this kind; fails with NoTrainerError."""
        saved: asyncio.Future[CheckpointSaved] = asyncio.get_running_loop().create_future()
        self._waiters.append((kind, saved))
        return saved

    def saved(self, checkpoint: CheckpointSaved) -> None:
        """Answer those who wait for this kind."""
        for kind, waiter in self._waiters:
            if kind == checkpoint.kind and not waiter.done():
                waiter.set_result(checkpoint)
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]

    def failed(self, why: str) -> None:
        """Tell all who wait that their checkpoint will not come."""
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(NoTrainerError(why))
        self._waiters.clear()
