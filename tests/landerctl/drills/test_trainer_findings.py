"""Reading what a heavy part of a drill prints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from daemon.protocol.drill import (
    DrillFinding,
    DrillLine,
    DrillProgress,
    DrillRefused,
    encode_drill_line,
)
from daemon.protocol.finding import Finding
from landerctl.drills.model import DrillError
from landerctl.drills.trainer_findings import trainer_findings
from tests.landerctl.drills.contexts import Reported, drill_context

FOUND = Finding("single", True, "flies", {"steps": 200})


def program(*lines: DrillLine | bytes, then: str = "") -> list[str]:
    content = b"".join(one if isinstance(one, bytes) else encode_drill_line(one) for one in lines)
    text = f"import sys; sys.stdout.buffer.write({content!r}); sys.stdout.flush(); {then}"
    return [sys.executable, "-c", text]


def test_findings_and_progress_come_as_they_are_printed(tmp_path: Path) -> None:
    reported: Reported = []
    context = drill_context(tmp_path, reported)
    command = program(DrillProgress("flies", 0.5), DrillFinding(FOUND))
    assert list(trainer_findings(context, command, until=0.8)) == [FOUND]
    assert reported == [("flies", 0.4)]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (program(DrillRefused("no run")), "no run"),
        (program(then="raise SystemExit('cannot fly')"), "exit code 1: cannot fly"),
        (program(then="sys.exit(3)"), "exit code 3: it printed nothing"),
        (program(b"Segmentation\n"), "it printed 'Segmentation', which is no line of a drill"),
    ],
)
def test_what_was_found_before_a_failure_is_kept(
    tmp_path: Path, command: list[str], said: str
) -> None:
    command[-1] = command[-1].replace(
        "write(", f"write({encode_drill_line(DrillFinding(FOUND))!r} + ", 1
    )
    found = trainer_findings(drill_context(tmp_path), command)
    assert next(found) == FOUND
    with pytest.raises(DrillError, match=said):
        next(found)


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    command = program(DrillFinding(FOUND), then="import time; time.sleep(3600)")
    kept = trainer_findings(drill_context(tmp_path), command, silent_s=5.0)
    assert next(kept) == FOUND
    with pytest.raises(DrillError, match="nothing for 5 s"):
        next(kept)
