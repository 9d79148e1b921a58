from __future__ import annotations

import pytest

from daemon.store.records import ChecklistStatus
from landerctl.tui.widgets.panels.checklist import checklist_lines

JUDGED = ChecklistStatus(
    time_s=1_000.0,
    holds=171,
    fails=3,
    open=4,
    stale=0,
    not_applicable=0,
    burn_in_h=31.0,
    burn_in_needed_h=72.0,
)


@pytest.mark.parametrize("width", [30, 60])
def test_counts_the_burn_in_and_the_age(width: int) -> None:
    lines = [line.plain for line in checklist_lines(JUDGED, 1_130.0, width)]
    assert [len(line) for line in lines] == [width] * 3
    assert lines[0].endswith("171 of 178")
    assert lines[1].endswith("31 of 72 h")
    assert lines[2].startswith("✖ 3 fail  ○ 4 open")
    if width == 60:
        assert lines[2].endswith("judged 2 min ago")


def test_refused_evidence() -> None:
    refused = ChecklistStatus(
        time_s=0.0, holds=0, fails=0, open=9, stale=0, not_applicable=0, problem="record 3"
    )
    (line,) = checklist_lines(refused, 1.0, 60)
    assert line.plain == "✖ evidence refused: record 3"
