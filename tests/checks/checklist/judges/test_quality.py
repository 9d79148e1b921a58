"""The final model's quality: its evaluation must be of the best model, and the curriculum done."""

from __future__ import annotations

import msgspec
import pytest

from checks.checklist.facts import Facts
from checks.checklist.judge import Judgement, judge_all
from checks.checklist.judges.quality import JUDGES, judge_stages
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry, Record
from checks.checklist.ledger.sealing import seal
from checks.checklist.table.all import LINES
from daemon.config import load_config
from daemon.protocol.finding import Finding
from daemon.store.records import Event
from tests.checks.evidence_samples import NOW_S, change, happened, healthy

BEST = "000040-9000000-best"
HERE = Address("1.0", "f1", "host-1", "run-1", "s1")
QUALITY = [line for line in LINES if line.id in ("quality.success", "quality.soft")]
DAY_S = 86_400.0


def facts(*records: Record, best: str | None = BEST, address: Address = HERE) -> Facts:
    evidence = healthy()
    assert evidence.config is not None
    limits = evidence.config.checklist
    ledger = Ledger(records)
    return Facts(
        now_s=NOW_S, address=address, limits=limits, evidence=evidence, ledger=ledger, best=best
    )


def evaluated(holds: bool | None = True, checkpoint: str = BEST, age_days: float = 1.0) -> Record:
    findings = tuple(
        Finding(key, holds, "80%", {"checkpoint": checkpoint}) for key in ("success", "soft")
    )
    entry = Entry(
        kind="drill",
        subject="evaluation",
        time_s=NOW_S - age_days * DAY_S,
        address=HERE,
        findings=findings,
    )
    return seal(entry, None)


def success(given: Facts) -> Judgement:
    return judge_all(QUALITY, JUDGES, given)["quality.success"]


@pytest.mark.parametrize(("holds", "state"), [(True, "holds"), (False, "fails"), (None, "open")])
def test_an_evaluation_of_the_best_model_decides(holds: bool | None, state: str) -> None:
    assert success(facts(evaluated(holds))).outcome.state == state


def test_without_an_evaluation_the_line_is_open_and_names_the_drill() -> None:
    outcome = success(facts()).outcome
    assert (outcome.state, outcome.text) == (
        "open",
        "never measured: `landerctl drill evaluation`",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (facts(evaluated(checkpoint="000009-1-best")), f"the best one is now {BEST}"),
        (facts(evaluated(), best=None), "the best one is now unknown"),
        (facts(evaluated(age_days=31.0)), "it counts 30 days"),
        (
            facts(evaluated(), address=msgspec.structs.replace(HERE, run="run-2")),
            "of another run",
        ),
        (
            facts(evaluated(), address=msgspec.structs.replace(HERE, version="2.0")),
            "of another version",
        ),
        (
            facts(evaluated(), address=msgspec.structs.replace(HERE, fingerprint="f2")),
            "of another configuration",
        ),
    ],
)
def test_an_evaluation_of_something_else_is_stale(given: Facts, said: str) -> None:
    outcome = success(given).outcome
    assert outcome.state == "stale"
    assert said in outcome.text


def test_another_machine_flies_the_same_model() -> None:
    given = facts(evaluated(), address=msgspec.structs.replace(HERE, machine="host-2"))
    assert success(given).outcome.state == "holds"


def passed(*stages: int) -> list[Event]:
    return [happened("stage.passed", NOW_S - 100.0, stage=n, timesteps=n * 1000) for n in stages]


def rolled_back(timesteps: int) -> Event:
    return happened("rollback.done", NOW_S - 50.0, id="000002-2500-gate", timesteps=timesteps)


def with_events(*events: Event, **status: object) -> Facts:
    evidence = healthy()
    assert evidence.history is not None
    history = msgspec.structs.replace(evidence.history, events=events)
    evidence = change(msgspec.structs.replace(evidence, history=history), **status)
    return msgspec.structs.replace(facts(), evidence=evidence)


ALL = passed(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        (with_events(*ALL), "holds", "all 5 stages"),
        (with_events(), "open", "0 of 5 gates are passed, not that of stage 1"),
        (with_events(*passed(1, 2, 4, 5)), "open", "4 of 5 gates are passed, not that of stage 3"),
        (
            with_events(*ALL[:4], trainer__state="EXITED"),
            "fails",
            "not that of stage 5, and the training has ended",
        ),
        (with_events(*ALL, rolled_back(2500)), "open", "2 of 5 gates"),
        (with_events(*ALL, rolled_back(9000)), "holds", "all 5"),
        (with_events(*ALL, rolled_back(2500), *passed(3, 4, 5)), "holds", "all 5"),
        (with_events(*ALL, run__mode="demo"), "open", "a demo training"),
        (with_events(*ALL, run__mode="standard"), "open", "a standard training"),
        (
            msgspec.structs.replace(facts(), evidence=change(healthy(), status=None)),
            "open",
            "no run",
        ),
    ],
)
def test_the_curriculum_is_done_when_each_gate_was_passed_and_not_undone(
    given: Facts, state: str, said: str
) -> None:
    outcome = judge_stages(given)
    assert outcome.state == state
    assert said in outcome.text


def test_fewer_stages_may_be_asked_for() -> None:
    limits = load_config(None, {"checklist": {"stage_success_rates": [0.4, 0.5]}}).config.checklist
    given = msgspec.structs.replace(with_events(*passed(1, 2)), limits=limits)
    assert judge_stages(given).state == "holds"
