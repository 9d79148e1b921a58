"""Reviews of a fortnight with the end of daylight saving, from a real store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.checklist.ledger.ledger import append, read_ledger
from checks.checklist.ledger.record import Record
from checks.checklist.reviews.collect import Reviewed, collect
from checks.checklist.reviews.facts import Completion
from checks.checklist.reviews.learning import learning
from checks.checklist.reviews.make import keep_review
from checks.checklist.reviews.text import WIDTH, render
from daemon.config.schema import ReviewKind
from daemon.protocol.finding import Finding
from daemon.runs.review_schedule import last_span
from tests.checks.checklist.reviews.fortnight import DAY_S, HOUR_S, fortnight


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def began_s() -> float:
    return datetime(2026, 10, 17, 8).timestamp()


@pytest.fixture
def reviewed(tmp_path: Path, began_s: float) -> Reviewed:
    return fortnight(tmp_path, began_s)


def made(reviewed: Reviewed, kind: ReviewKind, now_s: float) -> Record:
    span = last_span(reviewed.config.reviews, kind, now_s)
    return keep_review(reviewed, kind, span.until_s, now_s)


def finding(record: Record, key: str) -> Finding:
    found = record.finding(key)
    assert found is not None
    return found


def test_each_day_is_whole_and_reviewed_once(reviewed: Reviewed, began_s: float) -> None:
    lengths_h = []
    for day in range(1, 15):
        record = made(reviewed, "daily", began_s + day * DAY_S)
        assert made(reviewed, "daily", began_s + day * DAY_S + HOUR_S) == record
        of = finding(record, "training").figures
        lengths_h.append(float(of["span_s"] or 0.0) / HOUR_S)
        # The samples are ten minutes apart; it began in the first day.
        assert day == 1 or float(of["trained_s"] or 0.0) == pytest.approx(of["span_s"], abs=601.0)
    assert lengths_h == [24.0] * 7 + [25.0] + [24.0] * 6
    assert len(read_ledger(reviewed.paths.ledger).records) == 14
    size_bytes = reviewed.paths.ledger.stat().st_size
    assert size_bytes < 14 * 5000  # a month of them: 150 kB


def test_a_day_says_what_the_document_asks_for(reviewed: Reviewed, began_s: float) -> None:
    record = made(reviewed, "daily", began_s + 11 * DAY_S)
    assert all(one.holds for one in record.entry.findings if one.key != "completion")
    reward = finding(record, "reward")
    assert reward.figures["compared_with"] == "before"
    assert reward.figures["difficulty"] == 3.0
    assert reward.figures["change"] == pytest.approx(24.0, abs=1.0)
    assert " before, up: 24 (95%: " in reward.text
    assert finding(record, "stage").text == "3 of 5, terminal descent"
    assert finding(record, "stages-done").figures["done"] == 2
    assert finding(record, "alerts").text == "memory-high: resolved after 2 h 00 min; none before"
    assert finding(record, "interruptions").text == "none; none before"
    crashed = made(reviewed, "daily", began_s + 13 * DAY_S)
    assert finding(crashed, "interruptions").text == "crash: 1; none before"
    assert finding(crashed, "alerts").text == "none; none before"
    lines = render(record.entry).splitlines()
    assert lines[0] == ("daily review: Tue 27 Oct 2026 06:00 to Wed 28 Oct 2026 06:00 (1 d 0 h)")
    assert max(map(len, lines)) <= WIDTH


def test_a_week_shows_the_best_model_and_each_stage(reviewed: Reviewed, began_s: float) -> None:
    record = made(reviewed, "weekly", began_s + 10 * DAY_S)
    assert finding(record, "best-evaluated").figures["episodes"] == 20
    success = finding(record, "best-success")
    assert success.figures["mean"] == 0.9
    assert success.text.endswith("none before")
    for key in ("best-precision", "best-fuel", "best-smoothness"):
        assert set(finding(record, key).figures) >= {"mean", "low", "high"}
    assert finding(record, "stage-success").figures == {
        "stage_2_rate": 0.7,
        "stage_2_episodes": 5000,
        "stage_3_rate": 0.7,
        "stage_3_episodes": 2000,
    }
    assert finding(record, "completion").holds is None


def test_a_span_before_the_run_names_what_is_missing(reviewed: Reviewed, began_s: float) -> None:
    record = keep_review(reviewed, "daily", began_s - HOUR_S, began_s)
    for key in ("reward", "success", "stage", "stage-success", "cpu", "best-evaluated"):
        assert finding(record, key).holds is None, key
        assert finding(record, key).text
    assert "missing: " in render(record.entry)


def test_earlier_estimates_are_compared(reviewed: Reviewed, began_s: float) -> None:
    first = made(reviewed, "daily", began_s + 3 * DAY_S).entry
    figures = {"expected_s": 15 * DAY_S, "low_s": 10 * DAY_S, "high_s": 20 * DAY_S}
    estimate = Finding("completion", True, "", dict(figures))
    append(reviewed.paths.ledger, replace(first, findings=(estimate,)))
    ledger = read_ledger(reviewed.paths.ledger)
    days = [last_span(reviewed.config.reviews, "daily", began_s + day * DAY_S) for day in (9, 8)]
    facts = collect(reviewed, ledger, *days)
    made_now, added = facts.earlier
    assert made_now.completion.low_s <= made_now.completion.expected_s
    facts = replace(facts, earlier=(added,))
    facts = replace(facts, completion=Completion(12 * DAY_S, 11 * DAY_S, 13 * DAY_S, 8 * DAY_S))
    (completion,) = (one for one in learning(facts) if one.key == "completion")
    assert completion.figures["error_share"] == pytest.approx(0.25)
    assert "after 12 d 0 h of training (95%: 11 d 0 h to 13 d 0 h), 4 d 0 h more" in completion.text
    facts = replace(facts, completed=True, trained_s=10 * DAY_S)
    (completion,) = (one for one in learning(facts) if one.key == "completion")
    assert completion.text == (
        "completed after 10 d 0 h of training; the one earlier estimate was 50% off"
    )
