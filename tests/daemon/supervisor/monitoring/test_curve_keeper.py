"""Curves are written before their samples are removed, and by whichever daemon runs next."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.curves import CLOCK, SUCCESS, Row, RunCurves, extended, read_curves, write_curves
from daemon.store.reader import StoreReader
from daemon.store.retention import KEEP_S
from daemon.store.run_curves import caught_up
from daemon.store.writer import StoreWriter
from tests.daemon.fake_trainer import Script
from tests.daemon.harness import Home
from tests.waiting import eventually

NOW_S = 1_800_000_000.0


def add_samples(store: Path, run_id: str, began_s: float, *, first: int = 0, count: int) -> None:
    """A session of the run: an iteration a second from `began_s` (Unix) on, a gate in it."""
    writer = StoreWriter.open(store)
    with writer.transaction():
        writer.add_session(began_s, run_id)
        for number in range(first, first + count):
            values = {CLOCK: float(number), SUCCESS: number / 1000}
            writer.add_samples(began_s + number - first, values, timesteps=1000 * number)
        body = {"stage": 1, "timesteps": 1000 * first, "trained_s": float(first)}
        writer.add_event("stage.passed", "passed", time_s=began_s, run_id=run_id, body=dict(body))
    writer.close()


def test_what_the_next_daemon_would_remove_is_kept(home: Home, tmp_path: Path) -> None:
    """Samples of 30 days ago, of a run that no daemon was left to extend."""
    old = create_run(home.paths, load_config(None).config, name="old")
    add_samples(home.paths.store, old.id, time.time() - KEEP_S - 60.0, count=20)
    # Else the clock seems to have jumped, and nothing is removed by age.
    add_samples(home.paths.store, home.run.id, time.time() - 60.0, count=1)
    script = tmp_path / "script"
    script.write_bytes(msgspec.json.encode(Script(metrics={CLOCK: 1.0, SUCCESS: 0.5})))
    daemon = home.started("--script", str(script))

    def removed() -> bool:
        with StoreReader.open(home.paths.store) as store:
            return not store.samples_of_run(SUCCESS, old.id)

    eventually(removed, "the retention removes the old samples")
    found = read_curves(old)
    assert found is not None
    assert [point.value for point in found.points(SUCCESS)] == [n / 1000 for n in range(20)]
    assert [gate.stage for gate in found.gates] == [1]

    def sampled() -> bool:
        with StoreReader.open(home.paths.store) as store:
            return len(store.samples_of_run(SUCCESS, home.run.id)) > 1

    eventually(sampled, "the trainer reports")
    home.stop(daemon)
    current = read_curves(home.run)
    assert current is not None
    assert {point.value for point in current.points(SUCCESS)} == {0.0, 0.5}


def test_a_catch_up_adds_what_was_missed(tmp_path: Path) -> None:
    store_path = tmp_path / "store.db"
    add_samples(store_path, "other", NOW_S - 900, count=100)
    add_samples(store_path, "run", NOW_S, count=600)
    with StoreReader.open(store_path) as store:
        first = caught_up(store, "run", RunCurves(), NOW_S + 600)
    assert [row.timesteps for row in first.rows] == [2000 * number for number in range(300)]
    assert first.width_s == 2.0
    add_samples(store_path, "other", NOW_S + 1000, count=100)
    add_samples(store_path, "run", NOW_S + 2000, first=600, count=100)
    with StoreReader.open(store_path) as store:
        stepwise = caught_up(store, "run", first, NOW_S + 3000)
        assert stepwise == caught_up(store, "run", stepwise, NOW_S + 3000)
        assert stepwise == caught_up(store, "run", RunCurves(), NOW_S + 3000)
        assert not caught_up(store, "nobody", RunCurves(), NOW_S).rows
    assert stepwise.rows[-1].timesteps == 698_000
    assert [gate.trained_s for gate in stepwise.gates] == [0.0, 600.0]


def test_a_clock_that_was_ahead_hides_nothing(tmp_path: Path) -> None:
    ahead = extended(RunCurves(), [Row(NOW_S + 1e8, 1, 1.0, {SUCCESS: 0.1})])
    add_samples(tmp_path / "store.db", "run", NOW_S, count=10)
    with StoreReader.open(tmp_path / "store.db") as store:
        found = caught_up(store, "run", ahead, NOW_S + 60)
    assert len(found.rows) == 11


def test_a_damaged_file_is_replaced(home: Home) -> None:
    add_samples(home.paths.store, home.run.id, time.time() - 60.0, count=20)
    home.run.curves.write_bytes(b"{")
    home.stop(home.started())
    assert len(curves_of(home.run).rows) == 20


def test_curves_of_a_run_that_is_gone_are_not_recreated(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    with pytest.raises(FileNotFoundError):
        write_curves(paths.run("gone"), RunCurves())
    assert not paths.runs.exists()


def curves_of(run: RunPaths) -> RunCurves:
    found = read_curves(run)
    assert found is not None
    return found
