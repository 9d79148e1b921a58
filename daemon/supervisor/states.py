"""The trainer's states and which may follow which."""

from __future__ import annotations

from daemon.store.records import TrainerState

LEGAL: dict[TrainerState, frozenset[TrainerState]] = {
    "STOPPED": frozenset({"STARTING"}),
    "STARTING": frozenset({"RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL"}),
    "RUNNING": frozenset({"BACKOFF", "STOPPING", "EXITED", "FATAL"}),
    "BACKOFF": frozenset({"STARTING", "STOPPED"}),
    "STOPPING": frozenset({"STOPPED", "EXITED"}),
    "EXITED": frozenset({"STARTING", "STOPPED"}),
    "FATAL": frozenset({"STARTING", "STOPPED"}),
}
ALIVE: frozenset[TrainerState] = frozenset({"STARTING", "RUNNING", "STOPPING"})  # has a process
AT_REST: frozenset[TrainerState] = frozenset({"STOPPED", "EXITED", "FATAL"})  # nothing will happen


class IllegalTransitionError(AssertionError):
    """The supervisor went from a state to one that cannot follow it: a fault in the program."""


def check_transition(old: TrainerState, new: TrainerState) -> TrainerState:
    """Return `new` if it may follow `old`. Raises IllegalTransitionError."""
    if new not in LEGAL[old]:
        raise IllegalTransitionError(f"trainer state {old} -> {new}")
    return new
