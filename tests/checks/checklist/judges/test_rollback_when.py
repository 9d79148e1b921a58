"""The reasons to roll back, on facts; and the symptoms, from a store."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from checks.checklist.collected.symptoms import Symptoms, symptoms_of
from checks.checklist.facts import Facts, State
from checks.checklist.judges.rollback_when import crashes, diverges, memory, regression
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.store.records import Event, Sample
from daemon.store.writer import StoreWriter
from tests.checks.evidence_samples import NOW_S, change, happened, healthy

HOUR_S = 3600.0


def facts_of(*events: Event, symptoms: Symptoms | None = None) -> Facts:
    evidence = healthy()
    assert evidence.history is not None
    history = msgspec.structs.replace(evidence.history, events=events)
    return Facts(
        now_s=NOW_S,
        address=Address("1", "f", "m", "run-1", "s"),
        limits=load_config(None).config.checklist,
        evidence=change(evidence, history=history),
        ledger=Ledger(),
        symptoms=symptoms,
    )


def measured(**values: float) -> Symptoms:
    samples = {
        name: Sample(NOW_S - 2.0, 1000, values[name]) if name in values else None
        for name in ("growth", "regressions", "reward")
    }
    return Symptoms(**samples, best_reward=values.get("best"))


def crashed(age_h: float) -> Event:
    return happened("trainer.crashed", NOW_S - age_h * HOUR_S, exit="signal 9")


def test_three_crashes_in_a_day_are_a_reason() -> None:
    two = (crashed(1.0), crashed(23.0))
    assert crashes(facts_of()).state == "holds"
    found = crashes(facts_of(*two, crashed(25.0)))
    assert (found.state, found.figures["crashes_24h"]) == ("holds", 2)
    assert crashes(facts_of(*two, crashed(2.0))).state == "fails"


def test_crashes_before_the_last_rollback_are_answered() -> None:
    three = [crashed(age_h) for age_h in (3.0, 4.0, 5.0)]
    rolled_back = happened("rollback.done", NOW_S - 2.5 * HOUR_S)
    assert crashes(facts_of(*three, rolled_back, crashed(1.0))).figures["crashes_24h"] == 1


@pytest.mark.parametrize(
    ("growth", "state"), [(0.1, "holds"), (5.0, "holds"), (5.1, "fails"), (math.nan, "fails")]
)
def test_growing_memory(growth: float, state: State) -> None:
    assert memory(facts_of(symptoms=measured(growth=growth))).state == state


@pytest.mark.parametrize(("count", "state"), [(0.0, "holds"), (2.0, "holds"), (3.0, "fails")])
def test_returns_to_the_previous_stage(count: float, state: State) -> None:
    assert regression(facts_of(symptoms=measured(regressions=count))).state == state


@pytest.mark.parametrize(
    ("reward", "best", "state"),
    [
        (800.0, 900.0, "holds"),
        (-451.0, 900.0, "fails"),
        (-451.0, -310.0, "holds"),  # an untrained policy, which was never better
        (math.nan, 900.0, "fails"),
    ],
)
def test_the_mean_reward(reward: float, best: float, state: State) -> None:
    found = diverges(facts_of(symptoms=measured(reward=reward, best=best)))
    assert found.state == state
    assert found.since_s == NOW_S - 2.0


def test_numbers_that_are_not_finite() -> None:
    good = measured(reward=900.0, best=900.0)
    broken = happened("training.not_finite", NOW_S - HOUR_S)
    assert diverges(facts_of(broken, symptoms=good)).state == "fails"
    old = happened("training.not_finite", NOW_S - 25 * HOUR_S)
    assert diverges(facts_of(old, symptoms=good)).state == "holds"


def test_nothing_holds_without_a_training() -> None:
    facts = msgspec.structs.replace(facts_of(), evidence=change(healthy(), history=None))
    assert {judge(facts).state for judge in (crashes, memory, regression, diverges)} == {"open"}


def test_the_symptoms_are_the_run_s_since_its_last_rollback(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    with closing(StoreWriter.open(paths.store)) as store, store.transaction():
        store.add_session(NOW_S - 7300.0, "another")
        store.add_samples(NOW_S - 7250.0, {"curriculum/reward_100": 900.0})
        store.add_session(NOW_S - 7200.0, "run-1")
        store.add_samples(NOW_S - 7000.0, {"curriculum/reward_100": 700.0})
        store.add_samples(NOW_S - 3000.0, {"curriculum/reward_100": -200.0})
        store.add_samples(NOW_S - 1000.0, {"curriculum/reward_100": -460.0})

    def found(*events: Event) -> tuple[float | None, float | None]:
        symptoms = symptoms_of(paths, facts_of(*events).evidence)
        assert symptoms is not None and symptoms.growth is None
        reward = symptoms.reward
        return None if reward is None else reward.value, symptoms.best_reward

    assert found() == (-460.0, 700.0)
    assert found(happened("rollback.done", NOW_S - 4000.0)) == (-460.0, -200.0)
    assert found(happened("rollback.done", NOW_S - 500.0)) == (None, None)
