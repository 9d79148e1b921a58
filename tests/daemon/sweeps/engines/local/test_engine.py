"""Trials of the local engine: real processes and supervisors over the fake trainer."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.config import load_config
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.runs.run_folder import all_runs, current_run
from daemon.store.reader import StoreError, StoreReader
from daemon.sweeps.engines.engine import EngineError, TrialOrder, TrialReport
from daemon.sweeps.engines.local.engine import LocalEngine
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import Limits, Objective, SweepSpec
from daemon.sweeps.trial.epoch import read_epoch, take_epoch
from daemon.sweeps.trial.home import LOCK
from tests.daemon.harness import ROOT
from tests.waiting import eventually

TRIAL = (sys.executable, str(ROOT / "tests" / "daemon" / "sweeps" / "trial_fake.py"))
LONG_S = 120.0  # several processes start
FOREVER = "--rollout-s 0.05 --interval 1"
PAUSES = "--rollout-s 0.01 --interval 1 --exit-after 3 --exit-code 12"
CONFIG = {
    "tensorboard": {"enabled": False},
    "resources": {"interval_s": 0.2},
    "supervision": {"backoff_initial_s": 0.05, "stop_timeout_s": 5.0},
}


class Bench:
    """A sweep's folder with an engine."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("LANDERCTL_RUN__SEED", "7")  # of who starts the sweep: not of a trial
        folder.mkdir(mode=0o700)
        self.sweep = SweepPaths(folder)
        self._monkeypatch = monkeypatch
        spec = SweepSpec(limits=Limits(steps=3000))
        self.engine = LocalEngine(self.sweep, spec, program=TRIAL, niceness=0)
        self.seen: list[TrialReport] = []

    def behave(self, text: str) -> None:
        self._monkeypatch.setenv("FAKE_TRAINER", text)

    def order(self, epoch: int = 1, trial: int = 0) -> TrialOrder:
        return TrialOrder(
            sweep="s",
            trial=trial,
            epoch=epoch,
            home=self.home.home,
            config=msgspec.json.encode(load_config(None, CONFIG).config),
            target_steps=3000,
            objectives=(Objective(metric="train/loss"), Objective(metric="success")),
            threads=1,
            memory_mb=100,
        )

    @property
    def home(self) -> StatePaths:
        return self.sweep.trial(0)

    def look(self) -> list[TrialReport]:
        self.seen += self.engine.observe()
        return self.seen

    def ended(self) -> TrialReport:
        """Wait for the end of the leg."""

        def probe() -> TrialReport | None:
            return next((report for report in self.look() if report.ended), None)

        found = eventually(probe, "the leg's end", LONG_S)
        self.seen.clear()
        return found

    def trained(self, steps: int) -> None:
        eventually(
            lambda: [one for one in self.look() if one.steps >= steps], f"{steps} steps", LONG_S
        )

    def supervisor_pid(self) -> int:
        with StoreReader.open(self.home.store) as reader:
            daemon = reader.status().daemon
        assert daemon is not None
        return daemon.pid

    def lease_pid(self) -> int | None:
        """The process that runs the trial."""
        try:
            Lease.take(self.home.home / LOCK).close()
        except LeaseHeldError as held:
            return held.pid
        return None

    def events(self, *names: str) -> int:
        try:
            with StoreReader.open(self.home.store) as reader:
                return len(reader.events(names=names))
        except StoreError:
            return 0


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench(tmp_path / "s", monkeypatch)
    yield made
    made.engine.close()
    assert made.lease_pid() is None


def test_a_leg_ends_with_its_objectives_and_is_trained_once(bench: Bench) -> None:
    bench.behave(PAUSES)
    bench.engine.start(bench.order())
    bench.engine.start(bench.order())  # the same order again
    with pytest.raises(EngineError, match="still runs in epoch 1"):
        bench.engine.start(bench.order(epoch=2))
    report = bench.ended()
    assert (report.ended, report.steps, report.values) == (
        "reached",
        3000,
        {"train/loss": 0.1, "success": 0.5},
    )
    run = current_run(bench.home)
    assert run is not None
    assert report.run_id == run.id
    assert report.place == str(bench.home.home)
    assert read_epoch(bench.home.home) == 1
    # A coordinator that was killed before it had written the report asks again.
    bench.engine.start(bench.order(epoch=2))
    again = bench.ended()
    assert again == msgspec.structs.replace(report, epoch=2, running_s=0.0)
    assert bench.events("daemon.started") == 1
    assert len(list(all_runs(bench.home))) == 1


def test_a_stopped_trial_saves_and_continues_from_its_home(bench: Bench) -> None:
    bench.behave(FOREVER)
    bench.engine.start(bench.order())
    bench.trained(2000)
    bench.engine.stop(0)
    stopped = bench.ended()
    assert stopped.ended == "stopped"
    run = current_run(bench.home)
    assert run is not None
    saved = newest_whole(run.checkpoints)
    assert saved is not None
    assert saved.kind == "stop"
    bench.behave(PAUSES)
    bench.engine.start(bench.order(epoch=2))
    # A trial that lost its home begins with its newest backup elsewhere.
    elsewhere = msgspec.structs.replace(
        bench.order(trial=1),
        home=bench.sweep.trial(1).home,
        restore_from=bench.home.backups.as_uri(),
    )
    assert bench.ended().steps == saved.timesteps + 3000
    bench.engine.start(elsewhere)
    restored = bench.ended()
    assert restored.run_id == run.id
    assert restored.steps == saved.timesteps + 6000
    bench.behave(FOREVER)
    bench.engine.start(msgspec.structs.replace(bench.order(epoch=3), target_steps=10**6))
    bench.trained(saved.timesteps + 5000)
    bench.engine.close()
    assert bench.lease_pid() is None
    assert bench.ended().ended == "stopped"  # observed once more, by the coordinator's last look
    assert bench.events("daemon.stopped") == 3


def test_a_killed_supervisor_is_started_again_and_a_killed_trial_continues(bench: Bench) -> None:
    bench.behave(FOREVER)
    bench.engine.start(bench.order())
    bench.trained(2000)
    os.kill(bench.supervisor_pid(), signal.SIGKILL)
    eventually(lambda: bench.events("trainer.running") == 2, "another supervisor", LONG_S)
    pid = bench.lease_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    killed = bench.ended()
    assert killed.ended in ("stopped", "crashed")
    assert "killed by SIGKILL" in killed.reason
    bench.behave(PAUSES)
    bench.engine.start(bench.order(epoch=2))  # waits until the supervisor has saved and ended
    assert bench.ended().ended == "reached"
    assert bench.events("daemon.stopped") == 2


def test_a_trainer_that_is_given_up_is_a_crash_with_its_reason(bench: Bench) -> None:
    bench.behave("--exit-after 0 --exit-code 78")
    bench.engine.start(bench.order())
    report = bench.ended()
    assert report.ended == "crashed"
    assert "the trainer is not restarted: exit code 78" in report.reason


def test_an_older_placement_is_refused_and_a_running_one_stops(bench: Bench) -> None:
    bench.behave(FOREVER)
    bench.engine.start(bench.order(epoch=5))
    bench.trained(1000)
    take_epoch(bench.home.home, 6)
    fenced = bench.ended()
    assert (fenced.ended, fenced.epoch) == ("stopped", 5)
    assert "fenced off: placement 6" in fenced.reason
    bench.engine.start(bench.order(epoch=4))
    assert "fenced off" in bench.ended().reason
    assert bench.events("daemon.started") == 1
