"""What is recorded of a drill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.checklist.ledger.ledger import read_ledger
from checks.checklist.ledger.record import Record
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.protocol.finding import Finding
from landerctl.drills import conduct as conducting
from landerctl.drills.model import DrillContext, DrillError, DrillKind


def conducted(home: Path, *steps: Finding | BaseException) -> Record:
    """Conduct a drill of these steps, with the keys a and b."""

    def conduct(context: DrillContext) -> Iterator[Finding]:
        assert context.scratch.stat().st_mode & 0o777 == 0o700
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            yield step

    kind = DrillKind("sample", "be tested", ("a", "b"), 1.0, conduct)
    settings = load_config(None).config
    return conducting.conduct(
        kind, StatePaths(home), settings, report=lambda *_: None, found=lambda _: None
    )


def test_all_hold(tmp_path: Path) -> None:
    record = conducted(tmp_path, Finding("a", True, "x"), Finding("b", True, "y", {"z_s": 1.0}))
    assert record.entry.holds is True
    assert record.entry.text == "2 of 2 hold"
    assert read_ledger(tmp_path / "ledger.jsonl").records == (record,)


def test_one_fails(tmp_path: Path) -> None:
    record = conducted(tmp_path, Finding("a", True, "x"), Finding("b", False, "y"))
    assert record.entry.holds is False


def test_what_was_not_measured_is_open(tmp_path: Path) -> None:
    record = conducted(tmp_path, Finding("a", True, "x"))
    assert record.entry.holds is None
    assert record.entry.text == "1 of 2 hold, 1 could not be measured"
    found = record.finding("b")
    assert found is not None
    assert (found.holds, found.text) == (None, "not measured")


def test_a_drill_that_cannot_go_on_keeps_what_it_found(tmp_path: Path) -> None:
    record = conducted(tmp_path, Finding("a", True, "x"), DrillError("no trainer"))
    assert record.entry.holds is None
    assert record.entry.text == "no trainer"
    found = record.finding("b")
    assert found is not None
    assert found.text == "no trainer"
    assert not [path for path in (tmp_path / "drills").iterdir() if path.is_dir()]


def test_nothing_is_recorded_of_an_interrupted_one(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        conducted(tmp_path, Finding("a", True, "x"), KeyboardInterrupt())
    assert not read_ledger(tmp_path / "ledger.jsonl").records
    assert not list((tmp_path / "drills").iterdir())
