"""The alert engine: tables and properties."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.schema import AlertRule
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.engine import (
    NO_TRAINING,
    AlertEngine,
    Extremes,
    Training,
    holds,
)

RUNS = Training(runs=True, stage=1)


def rule(
    *,
    name: str = "disk-low",
    comparison: Literal["above", "below"] = "below",
    threshold: float = 10.0,
    for_s: float = 0.0,
    metric: str = "m",
    stage_steps: int = 0,
    armed_at: float | None = None,
) -> AlertRule:
    return AlertRule(
        name=name,
        metric=metric,
        comparison=comparison,
        threshold=threshold,
        for_s=for_s,
        stage_steps=stage_steps,
        armed_at=armed_at,
        severity="critical",
        summary="do something",
    )


def at(seconds: float) -> Instant:
    return Instant(seconds, 1e9 + seconds)


def run(engine: AlertEngine, values: list[tuple[float, float | None]]) -> list[str]:
    """State and transitions after each (time, value)."""
    observed = []
    for time_s, value in values:
        transitions = engine.observe({} if value is None else {"m": value}, at(time_s), RUNS)
        records = engine.records()
        state = records[0].state if records else "inactive"
        observed.append(" ".join([state, *(transition.to for transition in transitions)]))
    return observed


@pytest.mark.parametrize(
    ("for_s", "values", "expected"),
    [
        (0.0, [(0, 11.0), (1, 9.0), (2, 8.0)], ["inactive", "firing firing", "firing"]),
        (0.0, [(0, 9.0), (1, 11.0)], ["firing firing", "inactive resolved"]),
        (5.0, [(0, 9.0), (4, 9.0), (5, 9.0)], ["pending", "pending", "firing firing"]),
        (5.0, [(0, 9.0), (4, 11.0), (6, 9.0)], ["pending", "inactive", "pending"]),
        (0.0, [(0, 10.0)], ["inactive"]),
        # Missing data keeps the state, whatever it is.
        (5.0, [(0, 9.0), (9, None), (10, 9.0)], ["pending", "pending", "firing firing"]),
        (0.0, [(0, 9.0), (1, None)], ["firing firing", "firing"]),
        (0.0, [(0, None)], ["inactive"]),
        # The condition holds for NaN.
        (0.0, [(0, math.nan), (1, 11.0)], ["firing firing", "inactive resolved"]),
    ],
)
def test_below(for_s: float, values: list[tuple[float, float | None]], expected: list[str]) -> None:
    assert run(AlertEngine([rule(for_s=for_s)], at(0)), values) == expected


def test_above() -> None:
    engine = AlertEngine([rule(comparison="above")], at(0))
    assert run(engine, [(0, 9.0), (1, 10.0), (2, math.inf)]) == [
        "inactive",
        "inactive",
        "firing firing",
    ]


@given(
    st.lists(st.none() | st.floats(0, 20) | st.just(math.nan), min_size=1, max_size=50),
    st.floats(0, 10),
)
def test_firing_and_resolved_alternate(values: list[float | None], for_s: float) -> None:
    engine = AlertEngine([rule(for_s=for_s)], at(0))
    transitions = [
        transition.to
        for second, value in enumerate(values)
        for transition in engine.observe({} if value is None else {"m": value}, at(second), RUNS)
    ]
    assert transitions == ["firing", "resolved"] * (len(transitions) // 2) + ["firing"] * (
        len(transitions) % 2
    )
    firing = [record.state for record in engine.records()] == ["firing"]
    assert firing == (len(transitions) % 2 == 1)


@given(st.lists(st.floats(0, 20) | st.just(math.nan), min_size=1, max_size=50), st.integers(0, 10))
def test_it_fires_when_the_condition_has_held_long_enough(values: list[float], for_s: int) -> None:
    one = rule(for_s=float(for_s))
    engine = AlertEngine([one], at(0))
    held_since: int | None = None
    for second, value in enumerate(values):
        engine.observe({"m": value}, at(second), RUNS)
        held_since = (second if held_since is None else held_since) if holds(one, value) else None
        expected = held_since is not None and second - held_since >= for_s
        assert ([record.state for record in engine.records()] == ["firing"]) == expected


@pytest.mark.parametrize(("for_s", "transitions"), [(0.0, ["resolved"]), (60.0, [])])
def test_an_alert_about_the_training_ends_with_it(for_s: float, transitions: list[str]) -> None:
    engine = AlertEngine([rule(name="speed-low", metric="time/fps", for_s=for_s)], at(0))
    engine.observe({"time/fps": 1.0}, at(0), RUNS)
    assert len(engine.records()) == 1
    ended = engine.observe({}, at(1), NO_TRAINING)
    assert [transition.to for transition in ended] == transitions
    assert engine.records() == []
    # Afterwards `for_s` starts from zero again.
    engine.observe({"time/fps": 1.0}, at(100), RUNS)
    assert engine.records()[0].since_s == at(100).unix_s


def test_a_trainer_before_training_is_measured() -> None:
    engine = AlertEngine([rule(metric="memory/trainer_bytes", comparison="above")], at(0))
    engine.observe({"memory/trainer_bytes": 99.0}, at(0), NO_TRAINING)
    assert [record.state for record in engine.records()] == ["firing"]


def test_an_alert_about_the_machine_outlives_the_training() -> None:
    engine = AlertEngine([rule(metric="disk/free_gb")], at(0))
    engine.observe({"disk/free_gb": 1.0}, at(0), RUNS)
    assert engine.observe({}, at(1), NO_TRAINING) == []
    assert [record.state for record in engine.records()] == ["firing"]


def test_an_alert_keeps_firing_over_a_restart_without_a_transition() -> None:
    before = AlertEngine([rule()], at(0))
    before.observe({"m": 1.0}, at(5), RUNS)
    after = AlertEngine([rule()], at(100), before.records())
    assert after.records() == before.records()
    assert run(after, [(101, 1.0), (102, 50.0)]) == ["firing", "inactive resolved"]


def test_a_new_threshold_acts_on_the_next_value() -> None:
    engine = AlertEngine([rule()], at(0))
    engine.observe({"m": 9.0}, at(0), RUNS)
    assert engine.replace_rules([rule(threshold=5.0)], at(1)) == []
    assert engine.records()[0].threshold == 5.0
    assert run(engine, [(2, 9.0)]) == ["inactive resolved"]


@pytest.mark.parametrize("rules", [[], [rule(comparison="above", threshold=100.0)]])
def test_a_removed_rule_resolves_its_alert(rules: list[AlertRule]) -> None:
    engine = AlertEngine([rule()], at(0))
    engine.observe({"m": 9.0}, at(0), RUNS)
    (transition,) = engine.replace_rules(rules, at(1))
    assert transition.to == "resolved"
    assert engine.records() == []


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 86_400.0, -365 * 86_400.0])
def test_a_reminder_comes_after_its_interval_whatever_the_wall_clock_says(step_s: float) -> None:
    engine = AlertEngine([rule()], at(0.0))
    engine.observe({"m": 9.0}, at(0.0), RUNS)
    assert len(engine.due([], at(0.0), 100.0)) == 1
    assert engine.due([], Instant(99.0, 1e9 + 99.0 + step_s), 100.0) == []
    assert len(engine.due([], Instant(100.0, 1e9 + 100.0 + step_s), 100.0)) == 1
    # The next session counts from the notice's age.
    again = AlertEngine([rule()], at(0.0), engine.records(), lambda time_s: 30.0)
    assert again.due([], at(69.0), 100.0) == []
    assert len(again.due([], at(70.0), 100.0)) == 1


@pytest.mark.parametrize(
    ("comparison", "threshold", "armed_at", "values", "expected"),
    [
        # A policy that has not learned yet is not a diverged one.
        ("below", 10.0, 15.0, [9.0, 14.0, 9.0], ["inactive", "inactive", "inactive"]),
        ("below", 10.0, 15.0, [9.0, 15.0, 9.0], ["inactive", "inactive", "firing firing"]),
        ("above", 10.0, 5.0, [11.0, 6.0, 11.0], ["inactive", "inactive", "inactive"]),
        ("above", 10.0, 5.0, [11.0, 5.0, 11.0], ["inactive", "inactive", "firing firing"]),
        ("below", 10.0, 15.0, [math.nan, 9.0], ["inactive", "inactive"]),
        ("below", 10.0, 15.0, [15.0, math.nan], ["inactive", "firing firing"]),
    ],
)
def test_a_rule_that_applies_once_its_metric_was_good(
    comparison: Literal["above", "below"],
    threshold: float,
    armed_at: float,
    values: list[float],
    expected: list[str],
) -> None:
    armed = rule(comparison=comparison, threshold=threshold, armed_at=armed_at)
    assert run(AlertEngine([armed], at(0)), list(enumerate(values))) == expected


def test_a_good_value_of_an_earlier_session_counts() -> None:
    armed = rule(armed_at=15.0)
    assert run(AlertEngine([armed], at(0)), [(0, 9.0)]) == ["inactive"]
    after = AlertEngine([armed], at(0), seen={"m": Extremes(-3.0, 16.0)})
    assert run(after, [(0, 9.0)]) == ["firing firing"]


def test_a_rollback_may_lead_back_to_an_untrained_policy() -> None:
    engine = AlertEngine([rule(armed_at=15.0)], at(0))
    assert run(engine, [(0, 16.0), (1, 11.0)]) == ["inactive", "inactive"]
    engine.disarm()
    assert run(engine, [(2, 9.0), (3, 16.0), (4, 9.0)]) == [
        "inactive",
        "inactive",
        "firing firing",
    ]


def test_a_rule_that_applies_after_some_steps_in_the_stage() -> None:
    engine = AlertEngine([rule(stage_steps=100)], at(0))

    def state(stage_steps: int) -> list[str]:
        engine.observe({"m": 9.0}, at(0), Training(True, 1, stage_steps))
        return [record.state for record in engine.records()]

    assert [state(steps) for steps in (0, 99, 100, 101)] == [[], [], ["firing"], ["firing"]]
    assert state(0) == [], "another stage has begun"
