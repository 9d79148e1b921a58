"""Event counters, and memory growth."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.records import Event
from daemon.supervisor.alerting.event_counters import (
    CONSECUTIVE,
    COUNTED,
    GIVEN_UP,
    RECENT,
    EventCounters,
)
from daemon.supervisor.monitoring.memory_growth import (
    DAY_S,
    SETTLING_S,
    SHORTEST_STEPS,
    STEP_S,
    MemoryGrowth,
)


def test_counted_events_exist() -> None:
    assert CATALOGUE.keys() >= COUNTED


def test_crashes_leave_the_window() -> None:
    counters = EventCounters()
    for time_s in (0.0, 1800.0, 4000.0):
        counters.note("trainer.crashed", time_s, {})
    assert counters.metrics(4000.0)["trainer/crashes_1h"] == 2.0
    assert counters.metrics(4000.0)["trainer/crashes_24h"] == 3.0
    assert counters.metrics(7601.0)["trainer/crashes_1h"] == 0.0
    assert counters.metrics(90_401.0)["trainer/crashes_24h"] == 0.0


@pytest.mark.parametrize("metric", CONSECUTIVE)
def test_a_success_resets_consecutive_failures(metric: str) -> None:
    failed, succeeded = CONSECUTIVE[metric]
    counters = EventCounters()
    counts = []
    for name in (failed, failed, succeeded, failed):
        counters.note(name, 1.0, {})
        counts.append(counters.metrics(1.0)[metric])
    assert counts == [1.0, 2.0, 0.0, 1.0]


def test_given_up_is_set_until_the_trainer_runs_again() -> None:
    counters = EventCounters()
    counters.note("trainer.fatal", 1.0, {})
    assert counters.metrics(1.0)[GIVEN_UP] == 1.0
    counters.note("trainer.running", 2.0, {})
    assert counters.metrics(2.0)[GIVEN_UP] == 0.0


def test_a_sign_of_divergence_stays_until_it_is_over_or_rolled_back() -> None:
    counters = EventCounters()
    counters.note("training.diverging", 1.0, {"sign": "reward"})
    assert counters.metrics(1.0)["divergence/reward"] == 1.0
    assert counters.metrics(1.0)["divergence/kl"] == 0.0
    counters.note("training.steady", 2.0, {"sign": "reward"})
    assert counters.metrics(2.0)["divergence/reward"] == 0.0
    counters.note("training.diverging", 3.0, {"sign": "kl"})
    counters.note("rollback.done", 4.0, {})
    assert counters.metrics(4.0)["divergence/kl"] == 0.0


@given(
    st.lists(st.tuples(st.sampled_from(sorted(COUNTED)), st.floats(0.0, 1e5)), max_size=40),
    st.integers(0, 40),
)
def test_a_new_supervisor_continues_the_counts_of_the_store(
    recorded: list[tuple[str, float]], restart_at: int
) -> None:
    recorded.sort(key=lambda one: one[1])
    events = [
        Event(k, time_s, name, "info", None, "", {"sign": "kl"})
        for k, (name, time_s) in enumerate(recorded)
    ]
    whole = EventCounters()
    for event in events:
        whole.note(event.name, event.time_s, event.body)
    resumed = EventCounters((event, event.time_s) for event in events[:restart_at])
    for event in events[restart_at:]:
        resumed.note(event.name, event.time_s, event.body)
    assert resumed.metrics(1e5) == whole.metrics(1e5)
    assert all(resumed.metrics(1e5)[metric] <= len(events) for metric in RECENT)


def fed(gb_at: list[float]) -> MemoryGrowth:
    growth = MemoryGrowth()
    growth.add(0.0, 0.0)
    for k, memory_gb in enumerate(gb_at):
        growth.add(SETTLING_S + k * STEP_S, memory_gb)
    return growth


def test_growth_is_reported_after_an_hour() -> None:
    points = [1.0 + 6.0 * k * STEP_S / DAY_S for k in range(SHORTEST_STEPS)]
    assert fed(points[:-1]).gb_per_day is None
    assert fed(points).gb_per_day == pytest.approx(6.0)


def test_peaks_and_steps_do_not_count_as_growth() -> None:
    draw = random.Random(3)
    level = [1.0 + draw.uniform(-0.02, 0.02) for _ in range(240)]
    peaks = [value + (2.0 if k % 17 == 0 else 0.0) for k, value in enumerate(level)]
    growth = fed(peaks).gb_per_day
    assert growth is not None
    assert abs(growth) < 0.5


def test_damaged_backups_are_counted_until_they_are_gone() -> None:
    counters = EventCounters()
    for name, id_ in (("damaged", "a"), ("damaged", "b"), ("damaged", "a"), ("repaired", "a")):
        counters.note(f"backup.{name}", 1.0, {"id": id_})
    assert counters.metrics(2.0)["backup/damaged"] == 1.0
    counters.note("backup.repaired", 3.0, {"id": "b"})
    assert counters.metrics(3.0)["backup/damaged"] == 0.0
