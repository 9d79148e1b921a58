"""The table has every line of the document, and its parts fit together."""

from __future__ import annotations

import msgspec
import pytest

from checks.checklist.judge import members
from checks.checklist.judges.all import JUDGES
from checks.checklist.model import Line, Lines, Live
from checks.checklist.table.all import LINES, PHASES
from daemon.config import load_config
from tests.checks.checklist.document import read_document

# Items of the document that are no lines of the checklist, and why.
NOT_LINES = {"📋 Table of Contents": "it only names the sections"}


def test_every_item_of_the_document_is_a_row_and_every_row_an_item() -> None:
    document = [(heading, text) for heading, text in read_document() if heading not in NOT_LINES]
    table: list[tuple[str, str]] = []
    for phase in PHASES:
        for group in phase.groups:
            table += [(phase.heading, group.text)] if group.text else []
            table += [(phase.heading, line.text) for line in group.lines]
    assert table == document


def test_each_live_line_has_its_judge_and_each_judge_its_line() -> None:
    assert {line.id for line in LINES if isinstance(line.judge, Live)} == JUDGES.keys()


def test_ids_are_unique() -> None:
    assert len({line.id for line in LINES}) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_a_line_names_what_exists(line: Line) -> None:
    limits = msgspec.structs.asdict(load_config(None).config.checklist)
    assert "{" not in line.measure.format_map(limits)
    assert set(line.thresholds) <= limits.keys()
    assert line.remedy
    if isinstance(line.judge, Lines):
        assert line.id not in members(line.judge, LINES)
