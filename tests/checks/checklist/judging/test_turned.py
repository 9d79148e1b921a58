"""Which lines turned, what the ledger keeps of it, and how much that is in a month."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.judge import DAY_S, Judgement
from checks.checklist.judging.judge_home import judge_home
from checks.checklist.judging.live_record import TURNED_S, due_record
from checks.checklist.judging.turned import judged
from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import Ledger, append, read_ledger
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.ledger.sealing import seal
from checks.checklist.model import Line, Live
from checks.checklist.table.all import LINES
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.store.records import ChecklistStatus, JudgedLines
from daemon.store.writer import StoreWriter
from tests.checks.checklist.facts_samples import ADDRESS, facts
from tests.checks.evidence_samples import NOW_S

OF = "1.0 configuration-1 run-1"
INTERVAL_S = 1800.0


def judgements(**states: State) -> dict[str, Judgement]:
    return {
        name: Judgement(Line(name, "", Live(), "", "r"), Outcome(state, "found", {"figure": 1.0}))
        for name, state in states.items()
    }


def test_a_line_that_held_and_does_not_now_is_worse() -> None:
    before = JudgedLines(OF, {"a": "holds", "b": "open", "c": "holds", "d": "holds"})
    now = judgements(a="holds", b="holds", c="stale", d="does not apply", new="fails")
    found = judged(now, facts(), before)
    assert [(one.id, one.before, one.now, one.worse) for one in found.turned] == [
        ("c", "holds", "stale", True),
        ("b", "open", "holds", False),
        ("d", "holds", "does not apply", False),
    ]
    assert found.count("holds") == 2
    assert found.of == OF


def test_of_another_run_no_line_is_worse() -> None:
    before = JudgedLines("1.0 configuration-1 run-0", {"a": "holds"})
    assert [one.worse for one in judged(judgements(a="open"), facts(), before).turned] == [False]


def test_the_first_judgement_turns_nothing() -> None:
    assert judged(judgements(a="holds"), facts(), None).turned == []


def _recorded(*entries: Entry, now_s: float = NOW_S, **states: State) -> Entry | None:
    evidence = msgspec.structs.replace(facts().evidence, now_s=now_s, clock=None)
    now = msgspec.structs.replace(facts(*entries), now_s=now_s, evidence=evidence)
    return due_record(judgements(**states), now)


def test_a_line_is_kept_when_it_is_decided_and_when_it_turns() -> None:
    first = _recorded(a="holds", b="open", c="fails")
    assert first is not None
    assert [(one.key, one.holds) for one in first.findings] == [("a", True), ("c", False)]
    assert _recorded(first, a="fails", c="fails", now_s=NOW_S + 60.0) is None  # not yet
    known = _recorded(first, a="holds", b="holds", c="fails", now_s=NOW_S + 60.0)
    assert known is not None
    assert [one.key for one in known.findings] == ["b"]
    later = _recorded(first, a="fails", c="fails", now_s=NOW_S + TURNED_S)
    assert later is not None
    assert (later.subject, [one.key for one in later.findings]) == ("turned", ["a"])
    assert _recorded(first, a="holds", c="fails", now_s=NOW_S + DAY_S) is None  # nothing new


def test_without_a_run_or_with_an_edited_ledger_nothing_is_kept() -> None:
    now = facts(address=msgspec.structs.replace(ADDRESS, run=None))
    assert due_record(judgements(a="holds"), now) is None
    edited = msgspec.structs.replace(facts(), ledger=Ledger(problem="record 1 was edited"))
    assert due_record(judgements(a="holds"), edited) is None


def _month(states: dict[str, State], flapping: str) -> int:
    """Bytes of the ledger after 30 days of judgements; half of the figures always change."""
    records: list[Record] = []
    base = facts()
    size = 0
    for step in range(int(30 * DAY_S / INTERVAL_S)):
        now_s = NOW_S + step * INTERVAL_S
        evidence = msgspec.structs.replace(base.evidence, now_s=now_s, clock=None)
        now: Facts = msgspec.structs.replace(
            base, now_s=now_s, evidence=evidence, ledger=Ledger(tuple(records))
        )
        found = {}
        for number, (name, state) in enumerate(states.items()):
            figure = math.sin(step) if number % 2 else 41.25
            text = f"mean of the largest hour {figure:.4f}, limit 90.0000, over 71.8 h of training"
            turns = name == flapping and step % 2
            outcome = Outcome(
                "fails" if turns else state,
                text,
                {"largest_mean": figure, "limit": 90.0, "hours": 71.8},
            )
            found[name] = Judgement(Line(name, "", Live(), "", "r"), outcome)
        entry = due_record(found, now)
        if entry is not None:
            records.append(seal(entry, records[-1] if records else None))
            size += len(msgspec.json.encode(records[-1])) + 1
    return size


def test_a_month_of_judgements_adds_less_than_a_megabyte() -> None:
    live = [line.id for line in LINES if isinstance(line.judge, Live)]
    assert 1e5 < _month(dict.fromkeys(live, "holds"), flapping=live[0]) < 1e6


def test_a_state_folder_is_judged_and_what_it_found_is_kept(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    StoreWriter.open(paths.store).close()
    first = judge_home(paths, NOW_S)
    assert set(first.states) == {line.id for line in LINES}
    writer = StoreWriter.open(paths.store)
    status = ChecklistStatus(time_s=NOW_S, holds=0, fails=0, open=178, stale=0, not_applicable=0)
    writer.put_checklist(status, JudgedLines(first.of, first.states))
    writer.close()
    said = Entry(
        kind="signoff",
        subject="team-notified",
        time_s=NOW_S,
        address=address_of(paths, load_config(None).config),
        by="Ada",
    )
    append(paths.ledger, said)
    second = judge_home(paths, NOW_S + 60.0)
    assert [(one.id, one.now) for one in second.turned] == [("before.team-notified", "holds")]
    assert not read_ledger(paths.ledger).problem
