"""The lines of the daily and the weekly review."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S
from checks.checklist.judges.monitoring import JUDGES
from checks.checklist.ledger.record import Entry
from checks.checklist.reviews.review import SECTIONS
from daemon.protocol.finding import Finding
from tests.checks.checklist.facts_samples import ADDRESS, facts
from tests.checks.evidence_samples import NOW_S, alert

NOW_LINES = {"daily.disk", "daily.process"}  # of no review
FIGURES: dict[str, dict[str, Any]] = {
    "memory": {"growth_gb_per_day": 0.01},
    "cpu": {"mean": 80.0, "before_mean": 79.0},
    "reward": {"mean": 600.0, "change": 12.0},
    "best-evaluated": {"episodes": 20, "evaluated_s": NOW_S - DAY_S},
}


def review(kind: str, *, end_s: float = NOW_S - 3600.0, **changes: dict[str, Any] | None) -> Entry:
    """A review with every figure; None for a finding: it is missing."""
    findings = []
    for _, rows in SECTIONS:
        for key, _ in rows:
            figures = changes.get(key.replace("-", "_"), FIGURES.get(key, {}))
            found = Finding(key, None, "missing") if figures is None else None
            findings.append(found or Finding(key, True, "measured", dict(figures or {})))
    return Entry(
        kind="review",
        subject=kind,
        time_s=end_s,
        address=ADDRESS,
        findings=tuple(findings),
        figures={"since_s": end_s - DAY_S, "until_s": end_s},
    )


def reviewed(**changes: Any) -> Facts:
    return facts(review("daily", **changes), review("weekly", **changes))


def states(found: Facts) -> dict[str, str]:
    return {name: judge(found).state for name, judge in JUDGES.items()}


def test_all_hold_with_both_reviews() -> None:
    assert states(reviewed()) == dict.fromkeys(JUDGES, "holds")


def test_without_a_review_they_are_open() -> None:
    found = states(facts())
    assert {name for name, state in found.items() if state == "holds"} == NOW_LINES
    assert {state for name, state in found.items() if name not in NOW_LINES} == {"open"}
    assert JUDGES["weekly.stage"](facts()).text.endswith("`landerctl review weekly`")


@pytest.mark.parametrize("part", ["version", "fingerprint", "run"])
def test_of_another_version_configuration_or_run(part: str) -> None:
    found = replace(reviewed(), address=replace(ADDRESS, **{part: "other"}))
    if part == "run":
        found = replace(found, evidence=replace(found.evidence, run_id="other"))
    expected = "open" if part == "run" else "stale"
    assert {state for name, state in states(found).items() if name not in NOW_LINES} == {expected}


def test_an_old_review_is_stale_while_it_trains() -> None:
    old = facts(
        review("daily", end_s=NOW_S - 27 * 3600.0), review("weekly", end_s=NOW_S - 9 * DAY_S)
    )
    assert {state for name, state in states(old).items() if name not in NOW_LINES} == {"stale"}
    assert JUDGES["daily.reviewed"](old).text == (
        "record 1 ends 1 d 3 h ago: `landerctl review daily`"
    )


@pytest.mark.parametrize(
    ("changes", "line", "state"),
    [
        ({"reward": None}, "daily.reviewed", "fails"),
        ({"cpu": {"mean": 80.0}}, "daily.cpu", "open"),
        ({"memory": {"growth_gb_per_day": 9.0}}, "daily.memory", "fails"),
        ({"memory": {}}, "daily.memory", "open"),
        ({"completion": None}, "weekly.completion", "fails"),
        ({"best_smoothness": None}, "weekly.smoothness", "fails"),
        (
            {"best_evaluated": {"episodes": 19, "evaluated_s": NOW_S}},
            "weekly.evaluated",
            "fails",
        ),
        (
            {"best_evaluated": {"episodes": 20, "evaluated_s": NOW_S - 9 * DAY_S}},
            "weekly.evaluated",
            "stale",
        ),
    ],
)
def test_a_figure_decides_its_own_line(
    changes: dict[str, dict[str, Any] | None], line: str, state: str
) -> None:
    found = states(reviewed(**changes))
    assert found[line] == state
    affected = {name for name, one in found.items() if one != "holds"}
    assert len(affected) <= 2  # the mean reward has two lines


def test_a_critical_alert_fails_the_process() -> None:
    found = facts()
    status = found.evidence.status
    assert status is not None
    firing = alert(name="disk-low", severity="critical", state="firing")
    evidence = replace(found.evidence, status=replace(status, alerts=[firing]))
    assert JUDGES["daily.process"](replace(found, evidence=evidence)).text == "firing: disk-low"
    died = replace(found.evidence, lock_held=False)
    assert JUDGES["daily.process"](replace(found, evidence=died)).state == "fails"


def test_a_refused_ledger_is_no_evidence() -> None:
    found = reviewed()
    refused = replace(found, ledger=replace(found.ledger, problem="record 1 was edited"))
    assert JUDGES["weekly.stage"](refused).state == "open"
