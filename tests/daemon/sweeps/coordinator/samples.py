"""A sweep with a real store, and an engine that reports what a test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from daemon.base.paths import StatePaths
from daemon.config import Config, load_config
from daemon.config.schema import Severity
from daemon.store.records import NoticeKind
from daemon.sweeps.coordinator.book import Book
from daemon.sweeps.coordinator.loop import Coordinator
from daemon.sweeps.coordinator.work import Clock, Work
from daemon.sweeps.creation import create_sweep
from daemon.sweeps.engines.engine import EndKind, EngineError, TrialOrder, TrialReport
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial, TrialState
from daemon.sweeps.scheduling.make import make_scheduler
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore

CONFIG = Path(__file__).parents[4] / "config.toml"
TEXT = """
[limits]
steps = 900_000
trials = {trials}
parallel = {parallel}
{limits}

[search]
sampler = "random"

[scheduler]
name = "{scheduler}"
first_rung_steps = 100_000

[[parameters]]
setting = "ppo.desired_kl"
kind = "log-uniform"
low = 0.001
high = 0.1
"""


@cache
def base() -> Config:
    """The defaults."""
    return load_config(CONFIG).config


def new_sweep(
    home: Path, *, trials: int = 4, parallel: int = 2, scheduler: str = "none", limits: str = ""
) -> SweepPaths:
    """A new sweep of random trials."""
    text = TEXT.format(trials=trials, parallel=parallel, scheduler=scheduler, limits=limits)
    spec = parse_sweep(home / "sweep.toml", text)
    return create_sweep(StatePaths(home), "s", text, spec, base())


@dataclass
class FakeEngine:
    """Runs nothing: `reports` is observed next."""

    room: int = 2
    name: str = "fake"
    orders: list[TrialOrder] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    reports: list[TrialReport] = field(default_factory=list)
    fault: str = ""
    closed: int = 0

    def slots(self) -> int:
        if self.fault:
            raise EngineError(self.fault)
        return self.room

    def start(self, order: TrialOrder) -> None:
        if self.fault:
            raise EngineError(self.fault)
        self.orders.append(order)

    def observe(self) -> Sequence[TrialReport]:
        reports, self.reports = self.reports, []
        return reports

    def stop(self, trial: int) -> None:
        self.stopped.append(trial)

    def close(self) -> None:
        self.closed += 1

    def end(self, trial: int, kind: EndKind | None, value: float = 0.0, **fields: object) -> None:
        """Let the newest order of a trial end, or report progress."""
        order = next(one for one in reversed(self.orders) if one.trial == trial)
        reached = kind == "reached"
        report = TrialReport(
            trial=trial,
            epoch=order.epoch,
            steps=order.target_steps if reached else 1000,
            metrics={"gate": value},
            run_id="r",
            place="/trials",
            ended=kind,
            values={"gate": value} if reached else {},
            running_s=5.0,
        )
        self.reports.append(msgspec.structs.replace(report, **fields))


@dataclass
class World:
    """A coordinator on a fake engine, with a clock and a disk that the test moves."""

    sweep: SweepPaths
    spec: SweepSpec
    store: SweepStore
    engine: FakeEngine = field(default_factory=FakeEngine)
    now_s: float = 1000.0
    free_gb: float = 100.0
    notified: list[tuple[NoticeKind, Severity, str]] = field(default_factory=list)

    def coordinator(self) -> Coordinator:
        """A new coordinator, as after a restart."""
        clock = Clock(lambda: self.now_s, lambda: self.now_s, lambda: 0.0)
        work = Work(
            sweep=self.sweep,
            spec=self.spec,
            base=base(),
            scheduler=make_scheduler(self.spec),
            engine=self.engine,
            free_gb=lambda: self.free_gb,
            notify=lambda *notice: self.notified.append(notice),
            pin=lambda parent: f"{parent.place}:{parent.run_id}/newest",
            clock=clock,
        )
        return Coordinator(work, Book(self.store))

    def trial(self, number: int) -> Trial:
        """As it is in the store."""
        return self.store.trial(number)

    def states(self) -> list[TrialState]:
        """Of all trials, as in the store."""
        return [trial.state for trial in self.store.trials()]

    def notes(self) -> list[str]:
        """The kinds of all notes."""
        return [note.kind for note in self.store.notes()]
