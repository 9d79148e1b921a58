"""The trainer's states, which may follow which, and waiting for one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from daemon.store.records import TrainerState

LEGAL: dict[TrainerState, frozenset[TrainerState]] = {
    "STOPPED": frozenset({"STARTING"}),
    "STARTING": frozenset({"RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL"}),
    "RUNNING": frozenset({"BACKOFF", "STOPPING", "EXITED", "FATAL"}),
    "BACKOFF": frozenset({"STARTING", "STOPPED"}),
    "STOPPING": frozenset({"STOPPED", "EXITED"}),
    "EXITED": frozenset({"STARTING"}),
    "FATAL": frozenset({"STARTING"}),
}
ALIVE: frozenset[TrainerState] = frozenset({"STARTING", "RUNNING", "STOPPING"})  # has a process
AT_REST: frozenset[TrainerState] = frozenset({"STOPPED", "EXITED", "FATAL"})  # nothing will happen


class IllegalTransitionError(AssertionError):
    """The supervisor went from a state to one that cannot follow it: a fault in the program."""


class TrainerStateMachine:
    """Holds the state; starts STOPPED. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.state: TrainerState = "STOPPED"
        self._waiters: list[tuple[Collection[TrainerState], asyncio.Future[TrainerState]]] = []

    def enter(self, state: TrainerState) -> None:
        """Go to a state. Raises IllegalTransitionError if it cannot follow the present one."""
        if state not in LEGAL[self.state]:
            raise IllegalTransitionError(f"trainer state {self.state} -> {state}")
        self.state = state
        for states, entered in self._waiters:
            if state in states and not entered.done():
                entered.set_result(state)
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]

    async def until(self, states: Collection[TrainerState]) -> TrainerState:
        """Wait until one of `states` is entered, and say which; at once if it is the present."""
        if self.state in states:
            return self.state
        entered: asyncio.Future[TrainerState] = asyncio.get_running_loop().create_future()
        self._waiters.append((states, entered))
        return await entered
