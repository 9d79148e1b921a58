"""`landerctl checklist`: the tree, one line whole, and the JSON."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import LiveJudge, judge_all
from checks.checklist.ledger.ledger import append
from checks.checklist.model import Drill, Live
from checks.checklist.table.all import LINES, PHASES
from daemon.base.paths import StatePaths
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.checklist.command import run
from landerctl.fast_path.checklist.options import ChecklistOptions
from landerctl.fast_path.checklist.report import ChecklistReport, find_lines, report
from landerctl.fast_path.checklist.text import WIDTH, coloured, plain, tree, whole
from tests.checks.checklist.facts_samples import RECORDED, facts, proof

CPU = "burn-in.cpu"
FAILED = Outcome("fails", "96% over an hour", {"largest_hour_percent": 96.0, "limit": 90.0})


def _judges() -> dict[str, LiveJudge]:
    holds = Outcome("holds", "measured")
    judges: dict[str, LiveJudge] = {
        line.id: (lambda _: holds) for line in LINES if isinstance(line.judge, Live)
    }
    return judges | {CPU: lambda _: FAILED}


def _report(*names: str, found: Facts | None = None) -> ChecklistReport:
    now = found or facts(*(proof(line) for line in RECORDED))
    return report(find_lines(names), judge_all(LINES, _judges(), now), now, "/home")


def test_the_tree_has_a_line_each_within_eighty_columns() -> None:
    rows = tree(_report(), width=WIDTH, paint=plain)
    assert max(map(len, rows)) <= WIDTH
    # Of those that hold: the document's words. What fails by itself, and what consists of it.
    assert sum(row.startswith("    holds ") for row in rows) == len(LINES) - 2
    assert rows[1] == "176 of 178 hold, 2 fail"
    assert "    FAILS cpu                     96% over an hour" in rows
    assert rows.index("burn-in: Phase 2: Burn-In Testing (48-72 hours)") + 1 == rows.index(
        "  20 of 21 hold, 1 fail"
    )


def test_a_phase_is_shown_alone_and_lines_in_the_order_given() -> None:
    rows = tree(_report("signoff"), width=None, paint=plain)
    assert [row for row in rows if row.startswith("    ")] == [
        "    holds technical-lead          Technical Lead (code review)",
        "    holds qa                      QA Engineer (testing validation)",
        "    holds devops                  DevOps Engineer (infrastructure ready)",
        "    holds project-manager         Project Manager (timeline approved)",
    ]
    assert [line.id for line in _report(CPU, "notes.by").lines] == [CPU, "notes.by"]


def test_colours_go_with_words() -> None:
    rows = tree(_report("burn-in"), width=WIDTH, paint=coloured)
    failing = next(row for row in rows if "cpu" in row)
    assert failing.startswith("    \x1b[1;31mFAILS\x1b[0m cpu ")


def test_a_whole_line_shows_its_figures_evidence_and_what_to_do() -> None:
    loose = facts(*(proof(line) for line in RECORDED))
    limits = msgspec.structs.replace(loose.limits, cpu_percent=95.0)
    loose = msgspec.structs.replace(loose, limits=limits)
    [line] = _report(CPU, found=loose).lines
    text = "\n".join(whole(line, loose.now_s, width=None, paint=plain))
    for part in (
        "burn-in.cpu  FAILS\n",
        "figures     largest_hour_percent = 96\n            limit = 90\n",
        "measure     `cpu/machine_percent` over the burn-in: ",
        "loosened    cpu_percent = 95 instead of 90",
        "to do       lower fleet.threads, or stop other programs",
        "more        landerctl burn-in",
    ):
        assert part in text
    assert "loosened: cpu_percent = 95 instead of 90" in tree(
        _report(found=loose), width=None, paint=plain
    )
    drilled = next(one for one in RECORDED if isinstance(one.judge, Drill))
    [line] = _report(drilled.id).lines
    text = " ".join(" ".join(whole(line, loose.now_s, width=None, paint=plain)).split())
    assert "1 d 0 h ago" in text
    assert "evidence record 1 (drill environment), digest " in text
    assert "version 1.0, configuration configuration-1, machine machine-1, run run-1" in text
    [line] = _report("golive.no-leaks").lines
    assert "3 hold or do not apply" in "\n".join(whole(line, 0.0, width=None, paint=plain))


def test_every_line_fits_its_words_into_eighty_columns() -> None:
    for line in _report().lines:
        rows = whole(line, facts().now_s, width=None, paint=plain)
        assert max(map(len, rows)) <= WIDTH, line.id


def test_an_empty_home_and_an_edited_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ChecklistOptions(home=tmp_path, as_json=True, only_open=True)
    assert run(options) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert sum(found["counts"].values()) == len(LINES)
    assert found["phases"].keys() == {phase.id for phase in PHASES}
    paths = StatePaths(tmp_path)
    append(paths.ledger, proof(RECORDED[0]), proof(RECORDED[1]))
    paths.ledger.write_bytes(paths.ledger.read_bytes().replace(b"measured", b"improved", 1))
    assert run(msgspec.structs.replace(options, as_json=False)) == Exit.DAMAGED
    text = capsys.readouterr().out
    assert f"evidence refused: {paths.ledger}: record 1 (drill environment) was edited" in text


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no phase or line 'burnin'") as refused:
        run(ChecklistOptions(home=tmp_path, names=("burnin",)))
    assert refused.value.code == Exit.NOT_FOUND
