"""A coordinator that is killed, with simulated trials: nothing is lost, nothing runs twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.base.exitcodes import CoordinatorExit
from daemon.base.failpoint import SWEEP_FAILPOINTS, VARIABLE
from daemon.sweeps.creation import read_spec
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import ENDED
from daemon.sweeps.scheduling.make import make_scheduler
from daemon.sweeps.scheduling.replay import Difference, differences
from daemon.sweeps.store.sweep_store import SweepStore
from tests.daemon.sweeps.coordinator.samples import new_sweep
from tests.waiting import eventually

ROOT = Path(__file__).parents[4]
POLL_S = 0.03


def coordinator(sweep: SweepPaths, failpoint: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "SIMULATED_STEPS_PER_S": "2000000"}
    if failpoint:
        environment[VARIABLE] = failpoint
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "benchmarks.sweeps.simulated"),
            *(str(sweep.folder), "--poll-s", str(POLL_S)),
        ],
        env=environment,
        cwd=ROOT,
    )


def finish(sweep: SweepPaths) -> None:
    with coordinator(sweep) as process:
        assert process.wait(60) == CoordinatorExit.ENDED


def result(sweep: SweepPaths) -> tuple[object, ...]:
    """What must be equal, however often the coordinator was killed."""
    with SweepStore.open(sweep.store) as store:
        assert all(trial.state in ENDED for trial in store.trials())
        trials = [(t.number, t.state, t.values, t.seed, t.steps) for t in store.trials()]
        legs = sorted((leg.trial, leg.steps, tuple(leg.values.items())) for leg in store.legs())
        assert replayed(sweep, store) == []
        decisions = sorted(
            (d.trial, d.steps, d.kind, d.reason) for d in store.decisions() if d.kind != "propose"
        )
    return trials, legs, decisions


def replayed(sweep: SweepPaths, store: SweepStore) -> list[Difference]:
    """The decisions that the scheduler would not make again."""
    spec = read_spec(sweep)
    scheduler = make_scheduler(spec)
    return differences(spec, scheduler, store.trials(), store.legs(), store.decisions())


def trained(sweep: SweepPaths) -> Iterator[tuple[int, int]]:
    """(trial, steps) of all that was trained; asserts that no step was trained twice or never."""
    pieces = defaultdict(list)
    for line in (sweep.folder / "trained.log").read_text().splitlines():
        trial, begin, end, epoch = map(int, line.split())
        pieces[trial].append((begin, end, epoch))
    for trial, of_trial in pieces.items():
        assert of_trial[0][0] == 0
        for before, after in pairwise(of_trial):
            assert after[0] == before[1]
            assert after[2] > before[2]
        yield trial, of_trial[-1][1]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    sweep = new_sweep(tmp_path_factory.mktemp("whole"), trials=9, parallel=4, scheduler="halving")
    finish(sweep)
    return result(sweep)


def test_killed_before_and_after_each_write(tmp_path: Path, undisturbed: tuple[object]) -> None:
    sweep = new_sweep(tmp_path, trials=9, parallel=4, scheduler="halving")
    for point in sorted(SWEEP_FAILPOINTS, key=lambda name: name.startswith("sweep.noted")):
        with coordinator(sweep, f"{point}:kill") as process:
            assert process.wait(60) == -signal.SIGKILL, point
    finish(sweep)
    assert result(sweep) == undisturbed
    with SweepStore.open(sweep.store) as store:
        assert dict(trained(sweep)) == {trial.number: trial.steps for trial in store.trials()}


def test_killed_at_random_moments(tmp_path: Path, undisturbed: tuple[object]) -> None:
    sweep = new_sweep(tmp_path, trials=9, parallel=4, scheduler="halving")
    draw = random.Random(7)
    for _ in range(5):
        with coordinator(sweep) as process:
            eventually(lambda: (sweep.folder / "trained.log").exists() or None, "it begins")
            time.sleep(draw.uniform(0.0, 0.6))  # not a wait: the moment is what is tested
            process.kill()
    finish(sweep)
    assert result(sweep) == undisturbed
    with SweepStore.open(sweep.store) as store:
        assert dict(trained(sweep)) == {trial.number: trial.steps for trial in store.trials()}


def test_asha_killed_runs_nothing_twice_and_its_decisions_can_be_replayed(tmp_path: Path) -> None:
    sweep = new_sweep(tmp_path, trials=27, parallel=5, scheduler="asha")
    for _ in range(3):
        with coordinator(sweep, "sweep.decided.after:kill") as process:
            assert process.wait(60) == -signal.SIGKILL
    finish(sweep)
    result(sweep)
    with SweepStore.open(sweep.store) as store:
        assert dict(trained(sweep)) == {trial.number: trial.steps for trial in store.trials()}


def test_only_one_coordinator_and_a_stop_that_can_be_resumed(tmp_path: Path) -> None:
    sweep = new_sweep(tmp_path, trials=400, parallel=4)
    with coordinator(sweep) as first:
        eventually(lambda: (sweep.folder / "trained.log").exists() or None, "it begins")
        with coordinator(sweep) as second:
            assert second.wait(20) == CoordinatorExit.FAILED
        first.terminate()
        assert first.wait(20) == CoordinatorExit.STOPPED
    with SweepStore.open(sweep.store) as store:
        assert store.notes()[-1].kind == "stopped"
        assert "running" not in store.counts()
