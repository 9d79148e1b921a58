from __future__ import annotations

from pathlib import Path

from checks.checklist.ledger.ledger import read_ledger
from daemon.base.paths import StatePaths
from daemon.protocol.control import Done, Refused
from daemon.rollback import incidents as log
from daemon.rollback.incident_log import incident_id
from landerctl.operations.decision.incidents import answer
from landerctl.operations.decision.requests import CloseIncident

OPENED_S = 1_795_000_000.0
ID = incident_id(OPENED_S)


def home(tmp_path: Path) -> StatePaths:
    paths = StatePaths(tmp_path)
    log.append(paths.incidents, log.opened(OPENED_S, "a full disk", "anna", None))
    return paths


def test_it_is_closed_once(tmp_path: Path) -> None:
    paths = home(tmp_path)
    done = answer(paths, CloseIncident(ID, "anna", " du\nst "))
    assert done == Done(f"{ID} is closed by anna: du␊st")
    again = answer(paths, CloseIncident(ID, "ben", "rain"))
    assert isinstance(again, Refused) and again.code == "not-found"
    assert [one.entry.by for one in read_ledger(paths.ledger).records] == ["anna"]


def test_refused_evidence_takes_no_record(tmp_path: Path) -> None:
    paths = home(tmp_path)
    paths.ledger.write_text("not a record\n")
    refused = answer(paths, CloseIncident(ID, "anna", "dust"))
    assert isinstance(refused, Refused) and refused.code == "damaged"
    assert paths.ledger.read_text() == "not a record\n"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    paths = home(tmp_path)
    paths.ledger.mkdir()
    assert isinstance(answer(paths, CloseIncident(ID, "anna", "dust")), Refused)
