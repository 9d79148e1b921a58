"""The checklist's page: judged on a state folder."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import OptionList

from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import append
from checks.checklist.ledger.record import Entry
from checks.checklist.table.all import LINES, PHASES
from landerctl.tui.data.feed import PageRead
from landerctl.tui.data.situation import Daemon, Level, Situation
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.screens.checklist.judging import (
    INTERVAL_S,
    SHORTEST_S,
    ChecklistReader,
    Judged,
)
from landerctl.tui.screens.checklist.rows import age, sections, summary
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

NOW = Situation(Daemon.UP, Level.NONE, "", "", 0.0)


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


class Clock:
    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reader(folder: StateFolder, clock: Clock) -> ChecklistReader:
    return ChecklistReader(folder.paths, now=lambda: folder.now_s, monotonic=clock)


def judged(folder: StateFolder) -> Judged:
    found = reader(folder, Clock()).read(Snapshot(folder.now_s, NOW))
    assert found is not None
    return found


@pytest.mark.parametrize("size", SIZES)
def test_the_decision_what_to_do_and_a_line_with_its_evidence(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("6")
        await deck.until(PageRead, lambda message: True)
        assert "✖ NO-GO: " in deck.text
        assert f"of {len(LINES)} hold" in deck.text
        assert "judged just now" in deck.text
        await deck.press("down")
        assert "What to do next: " in deck.text
        await deck.press("slash", *"memory", "enter")
        rows = deck.app.screen.query_one(OptionList)
        assert 0 < rows.option_count < len(LINES)
        await deck.press("escape", "o")
        await deck.pilot.pause()
        await deck.press("end", "up", "right", "down", "enter")
        assert "measure" in deck.text
        await deck.press("escape", "escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, size, steps)


def test_worst_first_orders_phases_and_lines(folder: StateFolder) -> None:
    found = judged(folder)
    order = ["fails", "open", "stale", "does not apply", "holds"]
    states = {line.id: order.index(line.state) for line in found.report.lines}
    usual = sections(found, worst_first=False)
    assert [one.id for one in usual if one.id in {phase.id for phase in PHASES}] == [
        phase.id for phase in PHASES
    ]
    for section in sections(found, worst_first=True):
        if section.id in {phase.id for phase in PHASES}:
            ranks = [states[row.id] for row in section.rows]
            assert ranks == sorted(ranks)
    assert {one.id for one in usual} == {one.id for one in sections(found, worst_first=True)}


def test_ids_are_unique_and_every_detail_can_be_drawn(folder: StateFolder) -> None:
    found = sections(judged(folder), worst_first=False)
    ids = [one.id for one in found] + [row.id for one in found for row in one.rows]
    assert len(ids) == len(set(ids))
    for one in found:
        assert one.detail(40)
        assert all(row.detail(40) for row in one.rows)


def test_judged_again_when_evidence_is_new_when_asked_and_each_minute(
    folder: StateFolder, clock: Clock
) -> None:
    reads = reader(folder, clock)
    shown = Snapshot(folder.now_s, NOW)
    first = reads.read(shown)
    clock.s += INTERVAL_S - 1.0
    assert reads.read(shown) is first
    entry = Entry(
        kind="note",
        subject="production",
        time_s=folder.now_s,
        address=address_of(folder.paths, folder.config),
    )
    append(folder.paths.ledger, entry)
    second = reads.read(shown)
    assert second is not first
    append(folder.paths.ledger, entry)
    assert reads.read(shown) is second  # not twice within seconds
    clock.s += SHORTEST_S
    third = reads.read(shown)
    assert third is not second
    reads.asked = True
    fourth = reads.read(shown)
    assert fourth is not third
    clock.s += INTERVAL_S
    assert reads.read(shown) is not fourth


def test_the_past_is_not_judged(folder: StateFolder, clock: Clock) -> None:
    past = replace(Snapshot(folder.now_s, NOW), at_s=folder.now_s)
    assert reader(folder, clock).read(past) is None


def test_refused_evidence_is_said(folder: StateFolder) -> None:
    folder.paths.ledger.write_text("not a record\n")
    text = summary(judged(folder), folder.now_s).plain
    assert text.startswith("✖ cannot judge: ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1.0, "just now"), (9.9, "just now"), (29.0, "20 s ago"), (61.0, "1 min ago")],
)
def test_the_age_changes_seldom(seconds: float, text: str) -> None:
    assert age(seconds) == text
