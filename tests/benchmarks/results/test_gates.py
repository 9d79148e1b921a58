"""The gates that a training passed, with forks and rollbacks."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results.making.gates import passed_gates
from benchmarks.results.record import Gate
from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.curves import RunCurves, write_curves
from daemon.runs.metadata import Parent
from daemon.store.reader import StoreReader
from daemon.store.run_curves import caught_up
from tests.landerctl.operations.compare.run_samples import BEGAN_S, make_run, train

AT_30 = Gate(1, 30_000, 30.0, 0.9, 1300.0)


def gates_of(paths: StatePaths, run: RunPaths) -> list[Gate]:
    with StoreReader.open(paths.store) as store:
        curves = caught_up(store, run.id, RunCurves(), BEGAN_S + 1000.0)
        write_curves(run, curves)
        return passed_gates(store, paths, run, curves)


def test_a_fork_has_the_gates_that_its_origin_had_passed(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    origin = make_run(paths, "origin")
    train(paths, origin)
    assert gates_of(paths, origin) == [AT_30]
    after, before = (
        make_run(paths, name, parent=Parent(origin.id, "000004-interval", timesteps))
        for name, timesteps in (("after", 40_000), ("before", 20_000))
    )
    train(paths, after, began_s=BEGAN_S + 100, first=40, count=20)
    assert gates_of(paths, after) == [AT_30]  # its own pass of that gate came later
    train(paths, before, began_s=BEGAN_S + 200, first=20, count=30)
    assert gates_of(paths, before) == [Gate(1, 35_000, 35.0, 0.9, 1300.0)]


def test_a_pass_that_a_rollback_discarded_does_not_count(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = make_run(paths, "rolled-back")
    train(paths, run)
    train(paths, run, began_s=BEGAN_S + 100, first=10, count=20)
    assert gates_of(paths, run) == [Gate(1, 20_000, 20.0, 0.9, 1300.0)]
