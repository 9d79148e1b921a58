"""A sweep's folder as its coordinator leaves it, written by the store's own writer."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.runs.curves import CLOCK, STAGE, SUCCESS
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from daemon.sweeps.paths import SweepPaths, sweep_paths
from daemon.sweeps.records import Decision, Leg, Note, Trial, TrialState
from daemon.sweeps.store.sweep_store import SweepStore

NOW_S = 1_795_000_000.0
RUNGS = (100_000, 200_000, 300_000)
SPEC = """
base = []

[limits]
steps = 300_000
trials = 8
parallel = 2

[[parameters]]
setting = "ppo.learning_rate"
kind = "log-uniform"
low = 1e-4
high = 1e-3

[[parameters]]
setting = "ppo.gamma"
values = [0.99, 0.995]

[seeds]
count = 2

[search]
sampler = "random"

[scheduler]
name = "halving"
first_rung_steps = 100_000
reduction = 2

[[objectives]]
metric = "success"
"""
_STATES = (
    TrialState.COMPLETED,
    TrialState.STOPPED,
    TrialState.STOPPED,
    TrialState.RUNNING,
    TrialState.RUNNING,
    TrialState.PAUSED,
    TrialState.FAILED,
    TrialState.WAITING,
)
_REASONS = {
    TrialState.STOPPED: "halving at 100k: success 21%, 3rd of 4; 2 of 4 continue",
    TrialState.FAILED: "crashed 3 times: exit code 78: ppo.gamma: must be below 1",
    TrialState.COMPLETED: "all steps trained",
    TrialState.PAUSED: "waits at 100k for 3 others",
}


class SampleSweep:
    """Holds its coordinator's lock while it `runs`."""

    def __init__(
        self, paths: StatePaths, name: str = "rates", spec: str = SPEC, now_s: float = NOW_S
    ) -> None:
        self.paths: SweepPaths = sweep_paths(paths, name)
        self.now_s = now_s
        self.paths.folder.mkdir(parents=True)
        self.paths.spec.write_text(spec, "utf-8")
        SweepStore.create(self.paths.store)
        self._lock: int | None = None
        self.write(notes=[Note(time_s=now_s - 3600.0, kind="began", text="8 trials")])

    def run(self) -> None:
        """Take the coordinator's lock, as it does."""
        self._lock = os.open(self.paths.lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(
        self,
        trials: Sequence[Trial] = (),
        legs: Sequence[Leg] = (),
        decisions: Sequence[Decision] = (),
        notes: Sequence[Note] = (),
    ) -> None:
        """Add these, in one transaction."""
        with SweepStore.open(self.paths.store, write=True) as store, store.transaction():
            for trial in trials:
                store.add_trial(trial)
            for leg in legs:
                store.add_leg(leg)
            for decision in decisions:
                store.add_decision(decision)
            for note in notes:
                store.add_note(note)

    def put(self, trial: Trial) -> None:
        """Replace a trial."""
        with SweepStore.open(self.paths.store, write=True) as store, store.transaction():
            store.put_trial(trial)

    def trials(self, count: int = 8) -> list[Trial]:
        """Trials in all states."""
        made = [self.trial(number) for number in range(count)]
        legs = [
            Leg(
                trial=trial.number,
                steps=steps,
                values={"success": success_of(trial.number, steps)},
                running_s=steps / 900.0,
                time_s=self.now_s - 3000.0 + steps / 150.0,
            )
            for trial in made
            for steps in RUNGS
            if steps <= trial.steps and trial.state is not TrialState.WAITING
        ]
        decisions = [
            Decision(
                number=place,
                time_s=self.now_s - 2000.0,
                kind="stop" if trial.state is TrialState.STOPPED else "continue",
                trial=trial.number,
                steps=RUNGS[0],
                reason=trial.reason or "halving at 100k: success 64%, 1st of 4; 2 of 4 continue",
                seen=4,
            )
            for place, trial in enumerate(made)
            if trial.steps >= RUNGS[0]
        ]
        self.write(made, legs, decisions)
        return made

    def trial(self, number: int) -> Trial:
        """A trial whose state follows from its number."""
        state = _STATES[number % len(_STATES)]
        steps = {
            TrialState.COMPLETED: RUNGS[2],
            TrialState.RUNNING: 140_000 + 30_000 * (number % 4),
            TrialState.FAILED: 20_000,
            TrialState.WAITING: 0,
        }.get(state, RUNGS[0])
        return Trial(
            number=number,
            group=number // 2,
            values={
                "ppo.learning_rate": 1e-4 * (1 + number * 7919 % 97 / 11.0),
                "ppo.gamma": (0.99, 0.995)[number // 2 % 2],
            },
            seed=1 + number % 2,
            state=state,
            target_steps=RUNGS[1] if state is TrialState.RUNNING else RUNGS[0],
            steps=steps,
            epoch=int(steps > 0),
            place=str(self.paths.trial(number).home) if steps else "",
            attempts=3 if state is TrialState.FAILED else 0,
            reason=_REASONS.get(state, ""),
            run_id=run_id(number) if steps else "",
            latest={"success": success_of(number, steps)} if state is TrialState.RUNNING else {},
            running_s=steps / 900.0,
        )

    def train(self, trial: Trial) -> None:
        """Write the store of a trial's own state folder."""
        home = self.paths.trial(trial.number)
        home.run(trial.run_id).folder.mkdir(parents=True)
        began_s = self.now_s - 3000.0
        writer = StoreWriter.open(home.store)
        try:
            writer.put_run(RunRecord(trial.run_id, began_s, "standard", "ppo", 64))
            writer.add_session(began_s, trial.run_id)
            with writer.transaction():
                for steps in range(2_000, trial.steps + 1, 2_000):
                    writer.add_samples(
                        began_s + steps / 900.0,
                        {
                            CLOCK: steps / 900.0,
                            SUCCESS: success_of(trial.number, steps),
                            STAGE: 1.0 + steps // 150_000,
                        },
                        timesteps=steps,
                    )
        finally:
            writer.close()


def run_id(number: int) -> str:
    """Of a trial."""
    return f"20261120-101500-standard-ppo-{number:04x}"


def success_of(number: int, steps: int) -> float:
    """Between 0 and 1, better with more steps; some trials are better than others."""
    return min(1.0, steps / 300_000 * (0.4 + 0.6 * (number * 37 % 11) / 10.0))


def sample_sweep(paths: StatePaths, name: str = "rates", now_s: float = NOW_S) -> SampleSweep:
    """A sweep of eight trials, those that trained with curves."""
    sweep = SampleSweep(paths, name, now_s=now_s)
    for trial in sweep.trials():
        if trial.steps and Path(trial.place):
            sweep.train(trial)
    return sweep
