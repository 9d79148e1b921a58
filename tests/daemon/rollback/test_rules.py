"""The pure rules of a rollback: limits, recovery, verification."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import load_config
from daemon.rollback.journal import (
    ENDED,
    LEGAL,
    Journal,
    Step,
    advance,
    read_journal,
    undo_refusal,
    write_journal,
)
from daemon.rollback.limits import StartedRollback, StartedRollbacks, limit_reached
from daemon.rollback.settle_interrupted import Verdict, judge
from daemon.rollback.verification import judge_evaluation, judge_watch
from daemon.store.records import Event
from tests.daemon.rollback.selection.test_choose import state
from tests.status_samples import progress

SETTINGS = msgspec.structs.replace(
    load_config(None).config.rollback, cooldown_s=100.0, max_automatic=2, window_h=1.0
)


def journal(**changes: object) -> Journal:
    first = Journal(
        run_id="run",
        verb="rollback",
        step="staging",
        to=state(1, 0.5).manifest,
        by="me",
        automatic=False,
        why="",
        began_s=0.0,
        was_training=True,
    )
    return msgspec.structs.replace(first, **changes)


def event(name: str, severity: str = "critical", **body: str) -> Event:
    return Event(1, 0.0, name, severity, "run", name, dict(body))  # type: ignore[arg-type]


def test_a_cooldown_follows_any_rollback() -> None:
    assert limit_reached([], 1000.0, SETTINGS) is None
    for automatic in (False, True):
        assert "cooldown_s" in str(
            limit_reached([StartedRollback(950.0, automatic)], 1000.0, SETTINGS)
        )
        assert limit_reached([StartedRollback(900.0, automatic)], 1000.0, SETTINGS) is None


def test_only_automatic_ones_in_the_window_count_for_the_limit() -> None:
    two = [StartedRollback(0.0, True), StartedRollback(500.0, True)]
    assert "max_automatic = 2" in str(limit_reached(two, 1000.0, SETTINGS))
    assert limit_reached([StartedRollback(0.0, False), *two[1:]], 1000.0, SETTINGS) is None
    assert limit_reached(two, 3600.0, SETTINGS) is None


def test_started_rollbacks_are_those_of_earlier_sessions_and_of_this_one() -> None:
    earlier = msgspec.structs.replace(event("rollback.started"), body={"automatic": True})
    started = StartedRollbacks([(earlier, -50.0), (event("trainer.crashed"), -40.0)])
    started.note("rollback.done", 5.0, {"automatic": True})
    started.note("rollback.started", 10.0, {"automatic": False})
    assert started.all == [StartedRollback(-50.0, True), StartedRollback(10.0, False)]


@pytest.mark.parametrize(
    ("step", "renamed", "not_renamed"),
    [
        ("staging", "revert", "revert"),
        ("stopped", "revert", "revert"),
        ("swapping", "finish", "revert"),
        ("swapped", "finish", "revert"),
        ("running", "finish", "revert"),
        ("over", "nothing", "nothing"),
        ("reverted", "nothing", "nothing"),
    ],
)
def test_what_follows_an_interruption(step: Step, renamed: Verdict, not_renamed: Verdict) -> None:
    assert judge(step, is_renamed=True) == renamed
    assert judge(step, is_renamed=False) == not_renamed


def test_every_unfinished_step_can_be_reverted() -> None:
    assert {step for step in LEGAL if not LEGAL[step]} == ENDED
    assert all("reverted" in LEGAL[step] for step in LEGAL if step not in ENDED)
    with pytest.raises(AssertionError):
        advance(journal(step="over"), "staging")


def test_a_journal_is_read_back_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "rollback.json"
    assert read_journal(path) is None
    written = journal(previous=journal(step="running"))
    write_journal(path, written)
    found = read_journal(path)
    assert found is not None and found.previous is not None
    assert (found.to, found.previous.step) == (written.to, "running")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"me"', b'"mf"', 1))
    with pytest.raises(DamagedCheckpointError, match=r"rollback\.json"):
        read_journal(path)


def test_what_can_be_undone(tmp_path: Path) -> None:
    run = RunPaths(tmp_path / "run")
    assert "no rollback" in str(undo_refusal(None, run))
    assert "no rollback" in str(undo_refusal(journal(step="reverted"), run))
    assert "no rollback" in str(undo_refusal(journal(step="over", run_id="other"), run))
    assert "no checkpoint" in str(undo_refusal(journal(step="over"), run))
    assert undo_refusal(journal(step="over", live=state(2, 0.1).manifest), run) is None


def test_a_first_evaluation_must_not_be_much_worse() -> None:
    assert judge_evaluation(0.99, 0.5, 0.15).well
    assert judge_evaluation(0.36, 0.5, 0.15).well
    assert not judge_evaluation(0.34, 0.5, 0.15).well
    assert judge_evaluation(0.0, None, 0.15).well


def test_the_watch_is_good_without_critical_events() -> None:
    finding = judge_watch(journal(), [], "RUNNING", progress(1.0))
    assert finding.well and "no alert fired" in finding.text
    warned = judge_watch(journal(), [event("alert.firing", "warning", alert="a")], "RUNNING", None)
    assert warned.well and "alerts that fired: a" in warned.text
    assert not judge_watch(journal(), [event("trainer.crashed")], "RUNNING", None).well
    assert not judge_watch(journal(), [], "FATAL", None).well
