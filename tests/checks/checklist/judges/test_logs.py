"""Whether the logs can be read, from real folders."""

from __future__ import annotations

from pathlib import Path

import msgspec

from checks.checklist.collected.logs import logs_of
from checks.checklist.facts import Outcome
from checks.checklist.judges.logs import logs
from daemon.base.paths import StatePaths
from tests.checks.checklist.judges.test_rollback_when import facts_of


def judged(paths: StatePaths, run_id: str | None) -> Outcome:
    return logs(msgspec.structs.replace(facts_of(), logs=logs_of(paths, run_id)))


def test_logs_that_can_be_read(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    assert judged(paths, None).state == "open"
    paths.run("run-1").folder.mkdir(parents=True)
    paths.log.write_text("started\n")
    found = judged(paths, "run-1")
    assert (found.state, "trainer.log: No such file" in found.text) == ("fails", True)
    paths.run("run-1").log.write_text("")
    found = judged(paths, "run-1")
    assert (found.state, list(found.figures.values())) == ("holds", [8, 0])
    paths.log.unlink()
    paths.log.mkdir()
    assert judged(paths, "run-1").state == "fails"
