"""The sweep's store and a copy of it in memory, so that no poll reads the store.

A change is first written, in one transaction, and then made in memory: what cannot be written has
not happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from daemon.base.failpoint import failpoint
from daemon.sweeps.coordinator.step import Before
from daemon.sweeps.records import ENDED, Decision, Leg, Note, Trial, TrialState
from daemon.sweeps.store.sweep_store import SweepStore


class Changes(NamedTuple):
    """What one transaction writes. A trial that is not in the store yet is added."""

    trials: Sequence[Trial] = ()
    legs: Sequence[Leg] = ()
    decisions: Sequence[Decision] = ()
    notes: Sequence[Note] = ()


class Book:
    """All trials and legs of a sweep. Reading the store at the start raises SweepStoreError."""

    def __init__(self, store: SweepStore) -> None:
        self._store = store
        self.trials = store.trials()
        self.legs = store.legs()
        self.running_s = store.running_s()  # of all coordinators
        self.next_decision = 1 + max((one.number for one in store.decisions()), default=0)
        self._leg_ends = {(leg.trial, leg.steps) for leg in self.legs}
        self._trained_s: dict[int, float] = {}  # in ended legs
        for leg in self.legs:
            self._count(leg)
        self._placement_s = {t.number: t.running_s for t in self.trials if t.state not in ENDED}
        self._numbers: dict[TrialState, set[int]] = {state: set() for state in TrialState}
        for trial in self.trials:
            self._numbers[trial.state].add(trial.number)

    def among(self, *states: TrialState) -> list[Trial]:
        """The trials in some states, by number."""
        return [self.trials[n] for n in sorted(set().union(*(self._numbers[s] for s in states)))]

    def count(self, *states: TrialState) -> int:
        """How many trials are in some states."""
        return sum(len(self._numbers[state]) for state in states)

    def before(self, trial: int) -> Before:
        """For how long a trial had trained before its leg and before its placement began."""
        return Before(self._trained_s.get(trial, 0.0), self._placement_s.get(trial, 0.0))

    def write(self, name: str, changes: Changes, running_s: float) -> None:
        """Write changes, all or none. Raises SweepStoreError.

        `name`: of its failpoints; `running_s`: for how long coordinators have run by now.
        """
        failpoint(f"sweep.{name}.before")
        with self._store.transaction():
            for trial in changes.trials:
                if trial.number < len(self.trials):
                    self._store.put_trial(trial)
                else:
                    self._store.add_trial(trial)
            for leg in changes.legs:
                self._store.add_leg(leg)
            for decision in changes.decisions:
                self._store.add_decision(decision)
            for note in changes.notes:
                self._store.add_note(note)
            self._store.put_running_s(running_s)
        failpoint(f"sweep.{name}.after")
        self.running_s = running_s
        self._remember(changes)

    def _remember(self, changes: Changes) -> None:
        for trial in changes.trials:
            self._place(trial)
        for leg in changes.legs:
            if (leg.trial, leg.steps) not in self._leg_ends:  # as the store does
                self._leg_ends.add((leg.trial, leg.steps))
                self.legs.append(leg)
                self._count(leg)
        self.next_decision += len(changes.decisions)

    def _place(self, trial: Trial) -> None:
        number = trial.number
        if number == len(self.trials):
            self.trials.append(trial)
        else:
            self._numbers[self.trials[number].state].discard(number)
            self.trials[number] = trial
        self._numbers[trial.state].add(number)
        if trial.state is not TrialState.RUNNING:
            self._placement_s[number] = trial.running_s

    def _count(self, leg: Leg) -> None:
        self._trained_s[leg.trial] = self._trained_s.get(leg.trial, 0.0) + leg.running_s
