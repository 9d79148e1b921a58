"""The document's benchmarks on given figures, and what is kept of them in the ledger."""

from __future__ import annotations

import msgspec
import pytest

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judges.benchmarks import JUDGES
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry, Record
from checks.checklist.ledger.sealing import seal
from checks.checklist.performance.curves import load_curves
from checks.checklist.performance.facts import Leg, PassedGate, RunPerformance
from checks.checklist.performance.first_hour import first_hour_of
from checks.checklist.performance.forecast import forecasts
from checks.checklist.performance.keep import entries_to_keep
from checks.checklist.table.all import LINES
from daemon.config import load_config
from tests.checks.evidence_samples import NOW_S, change, healthy

ADDRESS = Address("0.1.0", "f", "machine", "run-1", "s")
CONFIG = load_config(None).config
RUN = RunPerformance(
    algorithm="ppo",
    n_envs=128,
    timesteps_limit=24_000_000,
    default_stages=True,
    timesteps=10_000_000,
    trained_s=1000.0,
    gates=(PassedGate(1, 900_000, 90.0, 0.5),),
    legs=(Leg(1, 9_100_000, 910.0),),
    medians={"time/fps": 10_000.0, "memory/lander_mb": 5.0},
    last_stage={
        "episode/success_rate_100": 0.7,
        "curriculum/reward_100": 950.0,
        "landing/fuel_left": 0.45,
        "landing/distance_m": 4.0,
        "rollout/ep_len_mean": 2000.0,
    },
    stage_1_success=0.5,
    first_hour={"time/fps": 12_000.0, "memory/lander_mb": 4.0},
)


def facts(run: RunPerformance | None = RUN, ledger: Ledger | None = None) -> Facts:
    return Facts(
        now_s=NOW_S,
        address=ADDRESS,
        limits=CONFIG.checklist,
        evidence=healthy(),
        ledger=ledger or Ledger(),
        performance=run,
    )


def judge(name: str, run: RunPerformance | None) -> Outcome:
    return JUDGES[f"benchmarks.{name}"](facts(run))


def test_each_line_has_its_judge() -> None:
    lines = {line.id for line in LINES if line.id.startswith(("benchmarks.", "estimates."))}
    assert set(JUDGES) == lines


@pytest.mark.parametrize("name", JUDGES)
def test_without_a_run_nothing_holds(name: str) -> None:
    assert JUDGES[name](facts(None)).state == "open"


@pytest.mark.parametrize("name", JUDGES)
def test_good_figures_hold_and_a_fleet_whose_speed_was_not_recorded_is_open(name: str) -> None:
    unknown = {"estimates.4-envs", "estimates.16-envs"} if len(load_curves().speeds) < 2 else set()
    assert JUDGES[name](facts()).state == ("open" if name in unknown else "holds")


@pytest.mark.parametrize(
    ("name", "field", "metric", "value"),
    [
        ("speed", "medians", "time/fps", 499.0),
        ("memory", "medians", "memory/lander_mb", 501.0),
        ("stage-5", "last_stage", "episode/success_rate_100", 0.49),
        ("reward", "last_stage", "curriculum/reward_100", 599.0),
        ("fuel", "last_stage", "landing/fuel_left", 0.19),
        ("precision", "last_stage", "landing/distance_m", 31.0),
        ("episode-length", "last_stage", "rollout/ep_len_mean", 3601.0),
    ],
)
def test_a_figure_beyond_its_alert_threshold_fails(
    name: str, field: str, metric: str, value: float
) -> None:
    run = msgspec.structs.replace(RUN, **{field: {metric: value}})
    outcome = judge(name, run)
    assert outcome.state == "fails"
    assert value in outcome.figures.values()
    assert judge(name, msgspec.structs.replace(RUN, **{field: {}})).state == "open"


def test_a_low_rate_in_stage_1_fails() -> None:
    assert judge("stage-1", msgspec.structs.replace(RUN, stage_1_success=0.1)).state == "fails"


def test_stage_1_is_judged_at_its_gate_or_after_the_rules_steps() -> None:
    early = msgspec.structs.replace(RUN, stage_1_success=0.1, gates=(), timesteps=2_900_000)
    assert judge("stage-1", early).state == "open"
    late = msgspec.structs.replace(early, timesteps=3_100_000)
    assert judge("stage-1", late).state == "fails"


def test_a_rule_that_was_removed_is_missing() -> None:
    config = msgspec.structs.replace(CONFIG, alerts=[])
    found = msgspec.structs.replace(facts(), evidence=change(healthy(), config=config))
    outcome = JUDGES["benchmarks.speed"](found)
    assert outcome.state == "fails"
    assert "speed-low is missing" in outcome.text


@pytest.mark.parametrize(("threshold", "loosened"), [(100.0, True), (500.0, False), (900.0, False)])
def test_a_loosened_rule_is_named(threshold: float, loosened: bool) -> None:
    rules = [
        msgspec.structs.replace(rule, threshold=threshold) if rule.name == "speed-low" else rule
        for rule in CONFIG.alerts
    ]
    config = msgspec.structs.replace(CONFIG, alerts=rules)
    found = msgspec.structs.replace(facts(), evidence=change(healthy(), config=config))
    text = JUDGES["benchmarks.speed"](found).text
    assert ("loosened from 500 steps/s" in text) is loosened


def test_a_machine_that_takes_longer_than_the_document_fails_by_name() -> None:
    slow = msgspec.structs.replace(RUN, legs=(Leg(1, 91_000, 910.0),))
    outcome = JUDGES["estimates.8-envs"](facts(slow))
    assert outcome.state == "fails"
    assert "curriculum 8 h" in outcome.text


def test_the_first_hour_and_an_estimate_a_day_are_kept() -> None:
    learnt, estimated = entries_to_keep(RUN, Ledger(), ADDRESS, NOW_S)
    assert learnt.figures == RUN.first_hour
    ledger = keep(learnt, estimated)
    assert entries_to_keep(RUN, ledger, ADDRESS, NOW_S + 1000.0) == []
    (again,) = entries_to_keep(RUN, ledger, ADDRESS, NOW_S + 90_000.0)
    assert again.kind == "estimate"


def test_the_first_hour_is_known_after_its_samples_have_expired() -> None:
    ledger = keep(*entries_to_keep(RUN, Ledger(), ADDRESS, NOW_S))
    expired = msgspec.structs.replace(RUN, first_hour={})
    assert first_hour_of(expired, ledger, ADDRESS) == RUN.first_hour
    elsewhere = msgspec.structs.replace(ADDRESS, run="run-2")
    assert first_hour_of(expired, ledger, elsewhere) == {}


def test_an_estimate_is_compared_with_what_came() -> None:
    ledger = keep(*entries_to_keep(RUN, Ledger(), ADDRESS, NOW_S))
    gates = (*RUN.gates, PassedGate(2, 11_000_000, 1800.0, 0.6))
    later = msgspec.structs.replace(RUN, gates=gates)
    came, *waiting = forecasts(later, ledger, "run-1")
    assert (came.gate, came.took_h) == (2, 0.5)
    assert came.error == pytest.approx((0.5 - came.expected_h) / (came.expected_h - came.made_h))
    assert [one.took_h for one in waiting] == [None] * 3
    assert forecasts(later, ledger, "run-2") == []


def keep(*entries: Entry) -> Ledger:
    records: list[Record] = []
    for entry in entries:
        records.append(seal(entry, records[-1] if records else None))
    return Ledger(tuple(records))
