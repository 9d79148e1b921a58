"""The coordinator's rounds, on a real store and an engine that a test controls."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from daemon.sweeps.coordinator.loop import Coordinator
from daemon.sweeps.coordinator.work import StuckError
from daemon.sweeps.creation import read_spec
from daemon.sweeps.records import Trial, TrialState
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.store.sweep_store import SweepStore
from tests.daemon.sweeps.coordinator.samples import World, new_sweep

WAITING, RUNNING, PAUSED = TrialState.WAITING, TrialState.RUNNING, TrialState.PAUSED
COMPLETED, STOPPED, FAILED = TrialState.COMPLETED, TrialState.STOPPED, TrialState.FAILED


def world_of(home: Path, **settings: Any) -> World:
    sweep = new_sweep(home, **settings)
    return World(sweep, read_spec(sweep), SweepStore.open(sweep.store, write=True))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = world_of(tmp_path)
    yield made
    made.store.close()


def finish(world: World, coordinator: Coordinator) -> None:
    """End every leg well until the sweep has ended."""
    for _ in range(50):
        for trial in world.store.trials(RUNNING):
            world.engine.end(trial.number, "reached", float(trial.number))
        if coordinator.poll():
            return
    raise AssertionError("it does not end")


def test_it_proposes_as_many_as_run_at_once(world: World) -> None:
    coordinator = world.coordinator()
    assert not coordinator.poll()
    assert world.states() == [RUNNING, RUNNING]
    assert [order.epoch for order in world.engine.orders] == [1, 1]
    finish(world, coordinator)
    assert world.states() == [COMPLETED] * 4
    assert world.notes() == ["began", "ended"]
    assert [decision.kind for decision in world.store.decisions()] == ["propose"] * 4
    assert len(world.store.legs()) == 4


def test_halving_continues_the_best_and_records_why(tmp_path: Path) -> None:
    world = world_of(tmp_path, trials=9, parallel=9, scheduler="halving")
    world.engine.room = 9
    finish(world, world.coordinator())
    assert world.states() == [STOPPED] * 8 + [COMPLETED]
    decided = [d for d in world.store.decisions() if d.kind != "propose"]
    assert {d.seen for d in decided if d.steps == 100_000} == {9}
    assert len(world.engine.orders) == 9 + 3 + 1
    world.store.close()


def test_a_fork_takes_the_place_of_a_poor_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, trials=2, scheduler="halving")
    coordinator = world.coordinator()

    def decide(_: object, trials: list[Trial], *_legs: object, **_flags: object) -> list[Verdict]:
        poor, good = (
            Verdict(trial=n, steps=100_000, kind="continue", target_steps=900_000, reason="a")
            for n in (0, 1)
        )
        if [trial.state for trial in trials] != [PAUSED, PAUSED]:
            return []
        return [
            structs.replace(poor, kind="fork", parent=1, values={"ppo.desired_kl": 0.02}),
            good,
        ]

    monkeypatch.setattr(type(coordinator._work.scheduler), "decide", decide)
    finish(world, coordinator)
    assert world.states() == [STOPPED, COMPLETED, COMPLETED]
    fork = world.trial(2)
    assert (fork.parent, fork.values) == (1, {"ppo.desired_kl": 0.02})
    assert [order.fork_from for order in world.engine.orders if order.trial == 2] == [
        "/trials:r/newest"
    ]


def test_a_killed_coordinators_trials_continue_in_a_new_epoch(world: World) -> None:
    world.coordinator().poll()
    world.engine.orders.clear()
    world.coordinator().poll()  # as after a kill: nothing was recorded of its end
    assert [(order.trial, order.epoch) for order in world.engine.orders] == [(0, 2), (1, 2)]
    assert world.notes() == ["began", "resumed"]


def test_a_crash_is_tried_again_after_a_delay_then_given_up(world: World) -> None:
    coordinator = world.coordinator()
    coordinator.poll()
    for attempt in (1, 2, 3):
        world.engine.end(0, "crashed", reason="out of memory")
        coordinator.poll()
        assert world.trial(0).attempts == attempt
        assert "out of memory" in world.trial(0).reason
        if attempt < 3:
            assert world.trial(0).state is WAITING
            assert world.states().count(RUNNING) == 2  # another one has its place
            world.now_s += 100.0
            world.engine.end(next(t.number for t in world.store.trials(RUNNING)), "reached")
            coordinator.poll()
            assert world.trial(0).state is RUNNING
    assert world.trial(0).state is FAILED
    finish(world, coordinator)
    assert world.states().count(COMPLETED) == 3
    assert [(kind, severity, text.split(":")[0]) for kind, severity, text in world.notified] == [
        ("firing", "warning", "trial 0 failed"),
        ("firing", "info", "ended"),
    ]


def test_values_that_cannot_be_flown_fail_the_trial_alone(world: World) -> None:
    unusable = Trial(number=0, group=0, values={"ppo.gamma": 7.0}, seed=1, target_steps=900_000)
    with world.store.transaction():
        world.store.add_trial(unusable)
    finish(world, world.coordinator())
    assert world.states() == [FAILED, COMPLETED, COMPLETED, COMPLETED]
    assert "ppo.gamma" in world.trial(0).reason


def test_a_nearly_full_disk_begins_nothing_then_stops_then_continues(world: World) -> None:
    coordinator = world.coordinator()
    coordinator.poll()
    world.free_gb = 1.5
    world.engine.end(0, "reached")
    coordinator.poll()
    assert world.states() == [COMPLETED, RUNNING]
    assert world.engine.stopped == []
    world.free_gb = 0.5
    coordinator.poll()
    coordinator.poll()
    assert world.engine.stopped == [1]  # asked once
    world.engine.end(1, "stopped")
    coordinator.poll()
    assert world.states() == [COMPLETED, WAITING]
    world.free_gb = 10.0
    coordinator.poll()
    assert world.states() == [COMPLETED, RUNNING, RUNNING]
    assert world.notes() == ["began", "paused", "continued"]
    assert [notice[:2] for notice in world.notified] == [
        ("firing", "critical"),
        ("resolved", "critical"),
    ]


def test_what_a_full_store_cannot_take_is_recorded_later(world: World) -> None:
    coordinator = world.coordinator()
    coordinator.poll()
    limit_pages(world.store, spare=1)
    world.engine.end(0, "reached", 3.0, place="/" + "long" * 5000)
    coordinator.poll()
    assert world.states() == [RUNNING, RUNNING]
    assert sorted(world.engine.stopped) == [0, 1]
    coordinator.poll()
    ((kind, severity, text),) = world.notified  # once, though no note of it can be written
    assert (kind, severity) == ("firing", "critical") and "may have a quota (100 GB" in text
    limit_pages(world.store, spare=10**6)
    world.engine.end(1, "stopped")
    coordinator.poll()
    assert world.states() == [COMPLETED, WAITING]
    assert [leg.values for leg in world.store.legs()] == [{"gate": 3.0}]
    world.now_s += 100.0
    finish(world, coordinator)
    assert world.states() == [COMPLETED] * 4


def limit_pages(store: SweepStore, spare: int) -> None:
    """Let SQLite find the disk full once the store grows by more than `spare` pages."""
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + spare}")


def test_the_hours_of_all_coordinators_end_it(tmp_path: Path) -> None:
    world = world_of(tmp_path, limits="hours = 1.0")
    first = world.coordinator()
    first.poll()
    world.now_s += 1800.0
    world.engine.end(0, "reached")
    first.poll()
    world.now_s += 1e6  # none runs
    second = world.coordinator()
    second.poll()
    assert world.states().count(RUNNING) == 2
    world.now_s += 1801.0
    second.poll()
    assert len(world.engine.stopped) == 2
    for trial in world.store.trials(RUNNING):
        world.engine.end(trial.number, "stopped")
    assert second.poll()
    assert world.states() == [COMPLETED, STOPPED, STOPPED]
    assert world.notes() == ["began", "resumed", "limit", "ended"]
    world.store.close()


def test_an_engine_that_fails_is_tried_again_and_begins_nothing_twice(world: World) -> None:
    world.engine.fault = "no cluster"
    coordinator = world.coordinator()
    coordinator.poll()
    world.engine.fault = ""
    coordinator.poll()
    assert world.engine.orders == []  # it rests
    world.now_s += 60.0
    coordinator.poll()
    assert world.notified == [
        ("firing", "warning", "no cluster"),
        ("resolved", "warning", "its engine can be used again"),
    ]
    finish(world, coordinator)
    assert world.states() == [COMPLETED] * 4


def test_it_ends_though_its_cluster_has_no_place_left(world: World) -> None:
    coordinator = world.coordinator()
    for _ in range(2):
        coordinator.poll()
        for trial in world.store.trials(RUNNING):
            world.engine.end(trial.number, "reached")
    world.engine.room = 0
    assert coordinator.poll()
    assert world.states() == [COMPLETED] * 4


def test_a_trial_that_ends_unasked_without_a_step_waits_before_it_is_tried_again(
    world: World,
) -> None:
    coordinator = world.coordinator()
    coordinator.poll()
    world.engine.end(0, "stopped", steps=0, reason="No space left on device")
    coordinator.poll()
    assert (world.trial(0).state, world.trial(0).attempts) == (WAITING, 0)
    world.engine.end(1, "reached")
    coordinator.poll()
    assert world.trial(0).state is WAITING  # though there is room
    world.now_s += 11.0
    world.engine.end(2, "reached")
    coordinator.poll()
    assert world.trial(0).state is RUNNING


def test_a_stop_lets_trials_save_and_wait(world: World) -> None:
    assert not world.coordinator().run(lambda _s: True, 2.0)
    assert world.engine.closed == 1
    assert world.states() == [WAITING, WAITING]
    assert world.notes() == ["began", "stopped"]


def test_a_scheduler_that_decides_nothing_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, scheduler="halving")
    coordinator = world.coordinator()
    monkeypatch.setattr(
        type(coordinator._work.scheduler), "decide", lambda *_arguments, **_flags: []
    )
    with pytest.raises(StuckError, match="4 trials are paused"):
        finish(world, coordinator)
    world.store.close()


def test_progress_is_written_only_where_there_is_some(world: World) -> None:
    coordinator = world.coordinator()
    coordinator.poll()
    world.engine.end(0, None, 1.0)
    coordinator.poll()
    assert (world.trial(0).steps, world.trial(0).latest) == (1000, {"gate": 1.0})
    with sqlite3.connect(world.sweep.store) as other:
        (before,) = other.execute("PRAGMA data_version").fetchone()
        coordinator.poll()
        assert other.execute("PRAGMA data_version").fetchone() == (before,)
