"""What a sweep's store holds: trials, their legs, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct


class TrialState(StrEnum):
    """Where a trial is."""

    WAITING = "waiting"  # its next leg may begin
    RUNNING = "running"  # an engine was given its leg
    PAUSED = "paused"  # at a rung; the scheduler has not decided
    COMPLETED = "completed"  # all steps trained
    STOPPED = "stopped"  # ended early by the scheduler
    FAILED = "failed"  # given up after limits.attempts


ENDED = frozenset({TrialState.COMPLETED, TrialState.STOPPED, TrialState.FAILED})

TRANSITIONS: Mapping[TrialState, frozenset[TrialState]] = {
    # FAILED: its values are no configuration that can be flown
    TrialState.WAITING: frozenset({TrialState.RUNNING, TrialState.STOPPED, TrialState.FAILED}),
    # WAITING: its process ended before the leg did: a stop, a killed coordinator, a lost node
    TrialState.RUNNING: frozenset(
        {TrialState.WAITING, TrialState.PAUSED, TrialState.COMPLETED, TrialState.FAILED}
    ),
    TrialState.PAUSED: frozenset({TrialState.WAITING, TrialState.STOPPED}),
    TrialState.COMPLETED: frozenset(),
    TrialState.STOPPED: frozenset(),
    TrialState.FAILED: frozenset(),
}


class Trial(Struct, frozen=True, kw_only=True):
    """One set of values with one seed, in a state folder of its own."""

    number: int  # from 0, in the order of proposal
    group: int  # trials that differ by their seed only share it
    values: dict[str, Any]  # setting -> value, of the parameters that apply
    seed: int  # run.seed
    state: TrialState = TrialState.WAITING
    target_steps: int  # where the present leg ends
    steps: int = 0  # trained so far, as last observed
    epoch: int = 0  # of its newest placement: older ones are fenced off
    placed_steps: int = 0  # `steps` when that began
    place: str = ""  # where its home is: a folder, or ``node:folder``
    attempts: int = 0  # failures so far
    reason: str = ""  # why it is where it is, for people
    parent: int | None = None  # the trial that it was forked from (population)
    fork_from: str = ""  # ``HOME:RUN/STATE`` of that trial's pinned backup
    forked_steps: int = 0  # of `steps`, those that others trained before the fork
    run_id: str = ""  # of its home
    latest: dict[str, float] = {}  # objectives while it trains, as last observed
    running_s: float = 0.0  # for which it has trained

    @property
    def own_steps(self) -> int:
        """Steps that it has trained itself, in `running_s`."""
        return max(0, self.steps - self.forked_steps)


class Leg(Struct, frozen=True, kw_only=True):
    """What a trial reached at the end of one leg: the objectives there."""

    trial: int
    steps: int
    values: dict[str, float]  # objective -> value; NaN is never stored, a missing one is
    running_s: float  # for which it trained since its last leg
    time_s: float  # Unix
    machine: str = ""  # CPU model and threads: results are equal to the bit on equal ones only


class Decision(Struct, frozen=True, kw_only=True):
    """What the scheduler or the sampler decided, with what it was decided from.

    A failure is among them: it ends a rung, so a replay must know when it was known.
    """

    number: int
    time_s: float
    kind: str  # "propose", "continue", "stop", "fork", "fail"
    trial: int
    steps: int  # the rung
    reason: str
    seen: int  # legs that existed then: a replay decides from the first `seen` legs


class Note(Struct, frozen=True, kw_only=True):
    """Something that happened to the sweep: began, paused for a full disk, resumed, ended."""

    time_s: float
    kind: str
    text: str
