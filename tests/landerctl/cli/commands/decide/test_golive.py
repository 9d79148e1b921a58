"""`golive`, `signoff`, `note` and `incident`, on one state folder with a run that trained."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.checklist.ledger.ledger import read_ledger
from daemon.base.paths import StatePaths
from daemon.rollback import incidents
from landerctl.exitcodes import CANNOT_JUDGE, NO_GO, Exit
from tests.landerctl.operator_side import SCRIPT, environment, landerctl, make_run

AT_S = 1_795_934_712.0


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    make_run(tmp_path)
    return StatePaths(tmp_path)


def as_json(paths: StatePaths, *arguments: str) -> Any:
    return json.loads(landerctl(paths.home, *arguments, "--json").stdout)


def test_a_no_go_says_what_to_do_next_and_is_recorded(paths: StatePaths) -> None:
    shown = landerctl(paths.home, "golive")
    assert shown.returncode == NO_GO, shown.stderr
    assert shown.stdout.startswith("NO-GO: 8 go-live criteria, 12 success criteria, 4 signatures")
    steps = shown.stdout.partition("What to do next")[2]
    assert steps.index("landerctl drill rollback") < steps.index("landerctl signoff qa --by NAME")
    records = read_ledger(paths.ledger).records
    assert [one.entry.subject for one in records] == ["NO-GO"]
    assert landerctl(paths.home, "golive", "--dry-run").returncode == NO_GO
    assert len(read_ledger(paths.ledger).records) == 1


def test_a_decision_is_recorded_even_if_nobody_reads_it(paths: StatePaths) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(SCRIPT), "golive"]
    subprocess.run(command, env=environment(paths.home), stdout=writing, check=False)
    os.close(writing)
    assert [one.entry.subject for one in read_ledger(paths.ledger).records] == ["NO-GO"]


def test_an_override_is_shown_for_ever_and_fills_the_notes(paths: StatePaths) -> None:
    refused = landerctl(paths.home, "golive", "--override")
    assert refused.returncode == Exit.USAGE
    done = landerctl(paths.home, "golive", "--override", "--why", "it must", "--by", "Eve")
    assert done.returncode == NO_GO
    output = as_json(paths, "golive", "--dry-run")
    assert output["verdict"] == "NO-GO"
    assert [one["entry"]["by"] for one in output["decision"]["overrides"]] == ["Eve"]
    text = next(
        line for line in landerctl(paths.home, "status").stdout.splitlines() if "Eve" in line
    )
    assert text.startswith("override    Eve went live over a NO-GO on 2")
    assert text.endswith(": it must")
    assert as_json(paths, "note")["deployed"]["why"] == "it must"
    added = as_json(paths, "note", "it\n## lands", "--by", "Ada")
    assert [(one["by"], one["text"]) for one in added["notes"]] == [("Ada", "it␊## lands")]
    written = next(paths.runs.glob("*/notes.md")).read_text()
    assert "**Deployed by:** Eve, over a NO-GO: it must" in written
    assert written.endswith("Ada: it␊## lands\n")


def test_an_edited_ledger_cannot_be_judged(paths: StatePaths) -> None:
    signed = landerctl(paths.home, "signoff", "team-trained", "--by", "Ada")
    assert signed.returncode == Exit.OK, signed.stderr
    paths.ledger.write_bytes(paths.ledger.read_bytes().replace(b"Ada", b"Eve"))
    judged = landerctl(paths.home, "golive", "--json")
    assert judged.returncode == CANNOT_JUDGE
    assert json.loads(judged.stdout)["verdict"] == "cannot judge"
    assert "record 1 (signoff team-trained) was edited" in judged.stderr
    assert landerctl(paths.home, "signoff", "list").returncode == Exit.DAMAGED


def test_a_signature_is_given_and_withdrawn(paths: StatePaths) -> None:
    assert landerctl(paths.home, "signoff", "qa").returncode == Exit.USAGE
    assert landerctl(paths.home, "signoff", "pilot", "--by", "Ada").returncode == Exit.USAGE
    nothing = landerctl(paths.home, "signoff", "qa", "--by", "Ada", "--withdraw")
    assert nothing.returncode == Exit.NOT_FOUND
    signed = landerctl(paths.home, "signoff", "qa", "--by", "Ada", "--note", "on two machines")
    assert "Signed although" in signed.stdout
    figures = read_ledger(paths.ledger).records[0].entry.figures
    assert figures["holding"] == len(str(figures["held"]).split())
    assert len(str(figures["evidence"])) == 64
    output = as_json(paths, "signoff", "qa", "--by", "Ada", "--withdraw")
    states = {one["subject"]: one["state"] for one in output["signatures"]}
    assert states["qa"] == "fails"


def test_an_incident_is_opened_shown_and_closed(paths: StatePaths) -> None:
    incidents.append(paths.incidents, incidents.opened(AT_S, "An old rollback", "daemon", None))
    opened = as_json(paths, "incident", "open", "The disk\nwas full")
    assert opened["title"] == "The disk␊was full"
    listed = landerctl(paths.home, "incident", "list").stdout
    assert "An old rollback" in listed
    assert listed.endswith("2 incidents, 2 open\n")
    closing = ("incident", "close", opened["id"], "--cause", "logs", "--by", "Ada")
    assert as_json(paths, *closing)["cause"] == "logs"
    assert landerctl(paths.home, *closing).returncode == Exit.FAILED
    assert "Cause: logs" in landerctl(paths.home, "incident", "show", opened["id"]).stdout
    assert "closed by Ada. Cause: logs" in paths.incidents.read_text()
    assert len(as_json(paths, "incident", "list", "--open")) == 1
    assert landerctl(paths.home, "incident", "show", "no-such").returncode == Exit.NOT_FOUND
