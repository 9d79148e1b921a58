"""Evidence counts only where it belongs to what is there now, and only as long as it is fresh."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checks.checklist.facts import Facts, Outcome
from checks.checklist.gather import gather_facts
from checks.checklist.judge import DAY_S, Judgement, LiveJudge, judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.ledger.ledger import append
from checks.checklist.ledger.record import Address, Entry
from checks.checklist.model import Bound, Drill, Fixed, Line, Lines, Live, Person
from checks.checklist.table.all import LINES
from daemon.base.paths import StatePaths
from daemon.protocol.finding import Finding
from tests.checks.checklist.facts_samples import (
    ADDRESS,
    RECORDED,
    bound_of,
    elsewhere,
    facts,
    proof,
)
from tests.checks.evidence_samples import NOW_S

PARTS: tuple[Bound, ...] = ("version", "fingerprint", "machine", "run", "settings")
LIVE = Line("some.live", "text", Live(), "measure", "remedy")


def judged(line: Line, found: Facts) -> Judgement:
    return judge_all([line], JUDGES, found)[line.id]


def test_in_an_empty_home_nothing_holds_that_needs_evidence(tmp_path: Path) -> None:
    found = gather_facts(StatePaths(tmp_path), NOW_S, (), {})
    judgements = judge_all(LINES, JUDGES, found)
    assert list(judgements) == [line.id for line in LINES]
    holding = [one.line for one in judgements.values() if one.outcome.state == "holds"]
    # Machine, packages and configuration are there without a home.
    known = ("hardware.", "software.", "backup.retention", "before.config-created")
    assert [line.id for line in holding if not line.id.startswith(known)] == []


def test_a_recorded_line_holds_by_its_record() -> None:
    for line in RECORDED:
        assert judged(line, facts()).outcome.state == "open", line.id
        found = judged(line, facts(proof(line)))
        assert found.outcome.state == "holds", line.id
        assert found.record is not None
        assert found.outcome.since_s == NOW_S - DAY_S


@pytest.mark.parametrize("part", PARTS)
def test_evidence_of_something_else_is_stale(part: Bound) -> None:
    for line in RECORDED:
        found = judged(line, facts(proof(line, address=elsewhere(part))))
        expected = "stale" if part in bound_of(line) else "holds"
        assert found.outcome.state == expected, line.id
        assert ("another" in found.outcome.text) == (expected == "stale"), line.id


def test_old_evidence_is_stale() -> None:
    for line in RECORDED:
        if isinstance(line.judge, Person):
            continue
        found = judged(line, facts(proof(line, time_s=NOW_S - 30 * DAY_S - 60.0)))
        assert found.outcome.state == "stale", line.id
        assert found.outcome.text == "30 d 0 h old, it counts 30 days"


def test_a_fixed_line_is_stale_once_its_sources_change() -> None:
    for line in RECORDED:
        if isinstance(line.judge, Fixed):
            now = msgspec.structs.replace(facts(proof(line)), sources={line.id: "changed"})
            found = judged(line, now)
            assert found.outcome.state == "stale"
            assert "sources have changed" in found.outcome.text


def test_the_newest_evidence_counts() -> None:
    line = next(one for one in RECORDED if isinstance(one.judge, Drill))
    good = proof(line)
    bad = msgspec.structs.replace(
        good, findings=(msgspec.structs.replace(good.findings[0], holds=False, text="it did not"),)
    )
    assert judged(line, facts(good, bad)).outcome.state == "fails"
    assert judged(line, facts(bad, good)).outcome.state == "holds"


def test_an_edited_ledger_holds_no_recorded_line_and_is_named(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    append(paths.ledger, *(proof(line) for line in RECORDED))
    content = paths.ledger.read_bytes()
    paths.ledger.write_bytes(content.replace(b'"Ada"', b'"Eve"', 1))
    found = gather_facts(paths, NOW_S, (), {})
    judgements = judge_all(LINES, JUDGES, found)
    for line in RECORDED:
        outcome = judgements[line.id].outcome
        assert outcome.state == "open"
        assert "was edited" in outcome.text
        assert "(signoff " in outcome.text


def _live_record(address: Address = ADDRESS, *, holds: bool | None = True) -> Entry:
    found = (Finding(LIVE.id, holds, "72 h", {"hours": 72.0}),)
    return Entry(
        kind="live", subject="daily", time_s=NOW_S - DAY_S, address=address, findings=found
    )


def _gone(found: Facts) -> Outcome:
    return Outcome("open", "its samples are gone", expired=True)


def _live_state(found: Facts) -> Outcome:
    return judge_all([LIVE], {LIVE.id: _gone}, found)[LIVE.id].outcome


def test_a_live_line_without_samples_is_judged_by_what_was_recorded() -> None:
    assert _live_state(facts()).state == "open"
    outcome = _live_state(facts(_live_record()))
    assert outcome == Outcome("holds", "72 h", {"hours": 72.0}, NOW_S - DAY_S)
    assert _live_state(facts(_live_record(holds=False))).state == "fails"
    assert _live_state(facts(_live_record(holds=None))).state == "open"
    # A record that says nothing does not hide what an older one says.
    assert _live_state(facts(_live_record(), _live_record(holds=None))).state == "holds"


def test_what_is_open_again_is_not_judged_by_what_was_recorded() -> None:
    """A burn-in that a crash has restarted."""
    judges: dict[str, LiveJudge] = {LIVE.id: lambda _: Outcome("open", "1 h of 72 h")}
    found = judge_all([LIVE], judges, facts(_live_record()))
    assert found[LIVE.id].outcome.state == "open"


@pytest.mark.parametrize("part", ["version", "fingerprint", "run"])
def test_what_was_recorded_of_another_run_or_version_does_not_count(part: Bound) -> None:
    assert _live_state(facts(_live_record(elsewhere(part)))).state == "open"


def test_a_composite_is_as_bad_as_the_worst_of_its_required_lines() -> None:
    lines = [
        Line("a.one", "", Live(), "", "r"),
        Line("a.two", "", Live(), "", "r"),
        Line("a.hint", "", Live(), "", "r", required=False),
        Line("b.all", "", Lines(("a.",)), "", "r"),
    ]
    states = {"a.one": Outcome("holds", ""), "a.two": Outcome("stale", "")}
    states["a.hint"] = Outcome("fails", "")
    judges = {name: (lambda _, one=one: one) for name, one in states.items()}
    outcome = judge_all(lines, judges, facts())["b.all"].outcome
    assert outcome == Outcome("stale", "1 of 2 hold; not a.two")
