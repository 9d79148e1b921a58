"""Which drills are due: by their newest record, its address and its age."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry, Record
from checks.checklist.ledger.sealing import seal
from checks.checklist.model import Drill
from checks.checklist.table.all import LINES
from daemon.config import load_config
from daemon.protocol.finding import Finding
from landerctl.drills.catalog import DRILLS
from landerctl.drills.due import EARLY, due
from tests.checks.evidence_samples import NOW_S, healthy

ADDRESS = Address("1.0", "fingerprint", "machine", "run", "settings")
LIMITS = load_config(None).config.checklist
EVIDENCE_S = LIMITS.evidence_days * DAY_S


def facts(*entries: Entry) -> Facts:
    records: list[Record] = []
    for entry in entries:
        records.append(seal(entry, records[-1] if records else None))
    ledger = Ledger(tuple(records))
    return Facts(now_s=NOW_S, address=ADDRESS, limits=LIMITS, evidence=healthy(), ledger=ledger)


def record(name: str, *, age_s: float = 60.0, holds: bool | None = True, **other: Any) -> Entry:
    return Entry(
        kind="drill",
        subject=name,
        time_s=NOW_S - age_s,
        address=msgspec.structs.replace(ADDRESS, **other),
        holds=holds,
        findings=(Finding("a", True, ""), Finding("b", holds, "")),
    )


def test_each_without_evidence_is_due() -> None:
    assert due(facts(), ["resume", "crash"]) == ["resume", "crash"]


@pytest.mark.parametrize("holds", [True, False])
def test_none_that_was_measured_lately_is_due(holds: bool) -> None:
    assert due(facts(record("resume", holds=holds)), ["resume"]) == []


@pytest.mark.parametrize("name", ["resume", "crash", "rollback"])
def test_evidence_of_another_version_is_due(name: str) -> None:
    assert due(facts(record(name, version="0.9")), [name]) == [name]


def test_another_run_matters_where_a_line_is_bound_to_it() -> None:
    """The resume loads the run's newest checkpoint."""
    found = facts(record("resume", run="other"), record("rollback", run="other"))
    assert due(found, ["resume", "rollback"]) == ["resume"]


def test_other_settings_matter_where_a_line_is_bound_to_them() -> None:
    """The rollback's steps depend on [rollback], the resume does not."""
    found = facts(record("resume", settings="other"), record("rollback", settings="other"))
    assert due(found, ["resume", "rollback"]) == ["rollback"]


def test_what_could_not_be_measured_is_due() -> None:
    assert due(facts(record("resume", holds=None)), ["resume"]) == ["resume"]


def test_evidence_is_renewed_before_it_is_too_old() -> None:
    early = EARLY * EVIDENCE_S
    assert due(facts(record("crash", age_s=early - 60.0)), ["crash"]) == []
    assert due(facts(record("crash", age_s=early + 60.0)), ["crash"]) == ["crash"]


def test_the_newest_record_counts() -> None:
    found = facts(record("crash", holds=None, age_s=90.0), record("crash"))
    assert due(found, ["crash"]) == []


RECOVERY = ("resume", "crash", "backup", "rollback")


@pytest.mark.parametrize("name", RECOVERY)
def test_each_line_has_its_finding(name: str) -> None:
    judges = [line.judge for line in LINES if isinstance(line.judge, Drill)]
    wanted = {judge.finding for judge in judges if judge.name == name}
    assert wanted <= set(DRILLS[name].keys)
