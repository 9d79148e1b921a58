"""The trainer's states and legal transitions, and waiting for a state."""

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
AT_REST: frozenset[TrainerState] = frozenset(
    {"STOPPED", "EXITED", "FATAL"}
)  # no process, and none will start


class IllegalTransitionError(AssertionError):
    """An illegal state transition: a bug in the supervisor."""


class TrainerStateMachine:
    """Holds the state; starts STOPPED. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.state: TrainerState = "STOPPED"
        self._waiters: list[tuple[Collection[TrainerState], asyncio.Future[TrainerState]]] = []

    def enter(self, state: TrainerState) -> None:
        """Go to a state. Raises IllegalTransitionError if it cannot follow the current one."""
        if state not in LEGAL[self.state]:
            raise IllegalTransitionError(f"trainer state {self.state} -> {state}")
        self.state = state
        for states, entered in self._waiters:
            if state in states and not entered.done():
                entered.set_result(state)
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]

    async def until(self, states: Collection[TrainerState]) -> TrainerState:
        """Wait for one of `states`, and return it; at once if it is the current one."""
        if self.state in states:
            return self.state
        entered: asyncio.Future[TrainerState] = asyncio.get_running_loop().create_future()
        self._waiters.append((states, entered))
        return await entered
