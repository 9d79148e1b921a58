"""Comparing runs: settings, curves, gates, evaluations."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.runs.curves import SUCCESS, RunCurves, write_curves
from daemon.runs.metadata import Parent
from daemon.store.reader import StoreReader
from daemon.store.retention import KEEP_S
from daemon.store.run_curves import caught_up
from daemon.store.writer import StoreWriter
from landerctl.operations.compare.comparison import compare
from landerctl.operations.compare.lines import lines_of
from landerctl.operations.compare.wording import lacking, remarks, verdict
from tests.landerctl.operations.compare.run_samples import BEGAN_S, evaluate, make_run, train


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    """A state folder without a run."""
    return StatePaths(tmp_path)


def test_two_runs_are_compared(paths: StatePaths) -> None:
    first, second = make_run(paths, "base"), make_run(paths, "wide", desired_kl=0.02)
    train(paths, first)
    train(paths, second, began_s=BEGAN_S + 1000, count=40)
    evaluate(first, 10, 10)
    evaluate(second, 18, 2)
    found = compare(paths, [first, second])
    assert [run.name for run in found.runs] == ["base", "wide"]
    assert [run.timesteps for run in found.runs] == [60_000, 40_000]
    assert [run.resources.steps_per_s for run in found.runs] == [1000.0, 1000.0]
    assert [(row.name, row.values) for row in found.settings] == [("ppo.desired_kl", (0.008, 0.02))]
    assert not found.versions
    (gate,) = found.gates
    assert [passed and passed.timesteps for passed in gate.passed] == [30_000, 20_000]
    (judged,) = found.evaluations
    assert (judged.which, judged.stage) == ("newest", 2)
    success, *means = judged.differences
    assert (success.method, success.count, success.differs) == ("mcnemar", 20, True)
    assert success.difference.mean == pytest.approx(0.4)
    assert {one.method for one in means} == {"paired-t"}
    assert not found.notes
    (line,) = lines_of(found.lines[1], SUCCESS, "hours")
    assert line.xs[-1] == pytest.approx(40 / 3600)
    assert line.values[-1] == pytest.approx(0.4)


def test_runs_without_anything_are_compared(paths: StatePaths) -> None:
    found = compare(paths, [make_run(paths, "one"), make_run(paths, "two")])
    assert [run.timesteps for run in found.runs] == [0, 0]
    assert not found.gates
    assert not found.evaluations
    assert len(found.notes) == 1  # no store


def test_an_unreadable_configuration_costs_only_the_settings(paths: StatePaths) -> None:
    first, second = make_run(paths, "one"), make_run(paths, "two", desired_kl=0.02)
    train(paths, first)
    first.config.write_bytes(b"{")
    found = compare(paths, [first, second])
    assert not found.settings
    assert any("settings are not compared" in note for note in found.notes)


def test_other_seeds_are_not_paired(paths: StatePaths) -> None:
    first, second = make_run(paths, "one"), make_run(paths, "two")
    evaluate(first, 15, 5)
    evaluate(second, 15, 5).trajectories.unlink()
    (judged,) = compare(paths, [first, second]).evaluations
    assert [one.method for one in judged.differences] == ["fisher", "welch", "welch", "welch"]
    assert not any(one.differs for one in judged.differences)


def test_the_best_evaluation_is_compared_too(paths: StatePaths) -> None:
    first, second = make_run(paths, "one"), make_run(paths, "two")
    evaluate(first, 19, 1, pilot="500-steps", created_s=1e9)
    evaluate(first, 5, 15, pilot="900-steps", created_s=1.1e9)
    evaluate(first, 20, 0, pilot="reference", created_s=1.2e9)
    evaluate(second, 12, 8)
    newest, best = compare(paths, [first, second]).evaluations
    assert [one and one.pilot for one in newest.results] == ["900-steps", "1000-steps"]
    assert [one and one.pilot for one in best.results] == ["500-steps", "1000-steps"]


def test_more_runs_are_adjusted_for_their_number(paths: StatePaths) -> None:
    runs = [make_run(paths, name) for name in ("one", "two", "three")]
    for run, landed in zip(runs, (10, 15, 16), strict=True):
        evaluate(run, landed, 20 - landed)
    (judged,) = compare(paths, runs).evaluations
    success = [one for one in judged.differences if one.quantity == "success_rate"]
    assert [one.run for one in success] == [1, 2]
    assert [one.p_value for one in success] == pytest.approx([0.0625, 0.03125])
    assert [one.adjusted_p_value for one in success] == pytest.approx([0.0625, 0.0625])
    assert not any(one.differs for one in success)


def test_a_forks_curve_begins_where_its_parents_part_ends(paths: StatePaths) -> None:
    parent = make_run(paths, "parent")
    train(paths, parent, began_s=BEGAN_S - 100)
    state = Parent(parent.id, "000004-40000-interval", 40_000)
    child = make_run(paths, "child", parent=state)
    train(paths, child, began_s=BEGAN_S + 100, first=40, count=20)
    found = compare(paths, [parent, child])
    before, own = lines_of(found.lines[1], SUCCESS, "steps")
    assert (before.inherited, own.inherited) == (True, False)
    assert before.xs[-1] == own.xs[0] == pytest.approx(0.04)
    assert own.xs[-1] == pytest.approx(0.06)
    assert [passed and passed.timesteps for passed in found.gates[0].passed] == [30_000, 50_000]


def test_curves_outlive_the_samples(paths: StatePaths) -> None:
    run, other = make_run(paths, "one"), make_run(paths, "two")
    train(paths, run)
    with StoreReader.open(paths.store) as store:
        write_curves(run, caught_up(store, run.id, RunCurves(), BEGAN_S + 100))
    writer = StoreWriter.open(paths.store)
    later_s = BEGAN_S + KEEP_S + 3600.0
    writer.thin_samples(later_s)
    writer.remove_old_events(later_s)
    writer.close()
    found = compare(paths, [run, other])
    (line,) = lines_of(found.lines[0], SUCCESS, "steps")
    assert len(line.xs) == 60
    assert [passed and passed.stage for passed in found.gates[0].passed] == [1, None]


def test_without_a_second_evaluation_it_says_who_lacks_one(paths: StatePaths) -> None:
    first, second = make_run(paths, "one"), make_run(paths, "two")
    assert verdict(compare(paths, [first, second]))[0] == "Not evaluated"
    evaluate(second, 10, 10)
    found = compare(paths, [first, second])
    assert verdict(found)[0] == "Not comparable"
    (line,) = lacking(found)
    assert line.startswith("No evaluation of stage 2: A one;")
    assert not remarks(found)
