"""Each check on healthy evidence, and on the same evidence with one problem."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from checks.evidence import BackupEvidence, DiskEvidence, Evidence, Leftover, StoreEvidence
from checks.registry import DEFAULT, run_checks
from checks.rules.alerts import firing_alerts
from checks.verdict import Level, worst
from daemon.base.clocks.trust import ClockRecord, Look, observe
from daemon.store.records import ChecklistStatus, Notice
from tests.checks.evidence_samples import NOW_S, alert, change, healthy, with_alerts


def level_of(check: str, evidence: Evidence) -> Level:
    [verdict] = run_checks(evidence, [check])
    assert verdict.check == check
    assert verdict.text
    return verdict.level


def test_healthy_evidence_is_ok() -> None:
    verdicts = run_checks(healthy())
    assert {verdict.check: verdict.level for verdict in verdicts} == dict.fromkeys(
        DEFAULT, Level.OK
    )


@pytest.mark.parametrize(
    ("changes", "age_s", "expected"),
    [
        ({}, 60.0, Level.OK),
        ({"open": 5, "holds": 173}, 60.0, Level.OK),
        ({"fails": 1}, 60.0, Level.WARNING),
        ({"stale": 1}, 60.0, Level.WARNING),
        ({"problem": "record 12 (drill resume) was edited"}, 60.0, Level.CRITICAL),
        ({}, 3600.0, Level.UNKNOWN),
    ],
)
def test_the_checklist_is_checked_as_the_daemon_judged_it(
    changes: dict[str, Any], age_s: float, expected: Level
) -> None:
    settings = {"holds": 178, "fails": 0, "open": 0, "stale": 0, "not_applicable": 0} | changes
    judged = ChecklistStatus(time_s=NOW_S - age_s, **settings)
    evidence = healthy()
    assert level_of("checklist", evidence) == Level.UNKNOWN
    assert evidence.status is not None
    status = msgspec.structs.replace(evidence.status, checklist=judged)
    assert level_of("checklist", msgspec.structs.replace(evidence, status=status)) == expected


@pytest.mark.parametrize(
    ("check", "changes", "expected"),
    [
        ("daemon", {"lock_held": False}, Level.CRITICAL),
        ("daemon", {"lock_held": False, "daemon__stopped_s": NOW_S - 9}, Level.WARNING),
        ("daemon", {"daemon__config_error": "config.toml: no"}, Level.WARNING),
        ("trainer", {"trainer__state": "FATAL"}, Level.CRITICAL),
        ("trainer", {"trainer__state": "BACKOFF"}, Level.WARNING),
        ("trainer", {"trainer__state": "EXITED"}, Level.OK),
        ("trainer", {"lock_held": False}, Level.UNKNOWN),
        ("heartbeat", {"trainer__heartbeat_s": NOW_S - 59}, Level.OK),
        ("heartbeat", {"trainer__heartbeat_s": NOW_S - 61}, Level.WARNING),
        ("heartbeat", {"trainer__heartbeat_s": NOW_S - 121}, Level.CRITICAL),
        (
            "heartbeat",
            {"trainer__state": "STARTING", "trainer__since_s": NOW_S - 149},
            Level.OK,
        ),
        (
            "heartbeat",
            {"trainer__state": "STARTING", "trainer__since_s": NOW_S - 301},
            Level.CRITICAL,
        ),
        ("heartbeat", {"trainer__state": "FATAL", "trainer__heartbeat_s": 0.0}, Level.OK),
        ("heartbeat", {"lock_held": False}, Level.UNKNOWN),
        ("heartbeat", {"config": None}, Level.UNKNOWN),
        ("progress", {"progress__reward_mean": math.nan}, Level.CRITICAL),
        ("progress", {"progress__success_rate": math.inf}, Level.CRITICAL),
        ("progress", {"progress__success_rate": None}, Level.OK),
        ("throughput", {"progress__steps_per_s": 4_999.0}, Level.WARNING),
        ("throughput", {"progress__steps_per_s": 60_001.0}, Level.WARNING),
        ("throughput", {"progress__steps_per_s": math.nan}, Level.WARNING),
        ("throughput", {"trainer__state": "BACKOFF"}, Level.UNKNOWN),
        ("memory", {"resources__memory_used_percent": 90.0}, Level.OK),
        ("memory", {"resources__memory_used_percent": 90.1}, Level.CRITICAL),
        ("memory", {"resources__memory_used_percent": math.nan}, Level.CRITICAL),
        ("memory", {"resources__time_s": NOW_S - 31}, Level.UNKNOWN),
        ("disk", {"disk": DiskEvidence(9_900_000_000, 10**12)}, Level.CRITICAL),
        ("disk", {"disk": DiskEvidence(9_900_000_000, 10**12), "lock_held": False}, Level.CRITICAL),
        ("disk", {"disk": None}, Level.UNKNOWN),
        ("disk", {"config": None}, Level.OK),
        ("checkpoint", {"checkpoints": ()}, Level.WARNING),
        ("checkpoint", {"checkpoints": (), "run__created_s": NOW_S - 10}, Level.OK),
        ("checkpoint", {"checkpoints": (), "checkpoints_problem": "x is bad"}, Level.CRITICAL),
        ("checkpoint", {"checkpoints_problem": "x is bad"}, Level.WARNING),
        ("checkpoint", {"run_id": None}, Level.UNKNOWN),
        ("alerts", {"lock_held": False}, Level.UNKNOWN),
        ("store", {"store": StoreEvidence("damaged", "bad"), "status": None}, Level.CRITICAL),
        ("store", {"store": StoreEvidence("busy", "locked"), "status": None}, Level.UNKNOWN),
        ("store", {"unwritten": "cannot be written"}, Level.CRITICAL),
        ("store", {"store": StoreEvidence("missing", "x"), "unwritten": "gone"}, Level.CRITICAL),
        ("daemon", {"store": StoreEvidence("busy", "locked"), "status": None}, Level.OK),
    ],
)
def test_each_single_problem_is_found(
    check: str, changes: dict[str, object], expected: Level
) -> None:
    assert level_of(check, change(healthy(), **changes)) is expected


@pytest.mark.parametrize(
    ("age_s", "training", "expected"),
    [
        (899.0, True, Level.OK),
        (901.0, True, Level.WARNING),
        (3601.0, True, Level.CRITICAL),
        (3601.0, False, Level.OK),
    ],
)
def test_a_checkpoint_s_age_counts_only_during_training(
    age_s: float, training: bool, expected: Level
) -> None:
    evidence = healthy()
    assert evidence.checkpoint is not None
    evidence = change(
        evidence,
        now_s=evidence.checkpoint.created_s + age_s,
        trainer__state="RUNNING" if training else "FATAL",
    )
    assert level_of("checkpoint", evidence) is expected


def test_only_firing_alerts_count() -> None:
    assert level_of("alerts", with_alerts(alert(state="pending"))) is Level.OK
    assert level_of("alerts", with_alerts(alert())) is Level.WARNING
    assert level_of("alerts", with_alerts(alert(), alert(severity="critical"))) is Level.CRITICAL


@pytest.mark.parametrize(
    ("backups", "expected"),
    [
        (BackupEvidence(0, None, None, 0.0), Level.OK),
        (BackupEvidence(3, NOW_S - 1e6, None, 0.0), Level.OK),
        (BackupEvidence(3, NOW_S - 60.0, "000012-gate", NOW_S - 599.0), Level.OK),
        (BackupEvidence(3, NOW_S - 60.0, "000012-gate", NOW_S - 601.0), Level.WARNING),
        (BackupEvidence(3, NOW_S - 60.0, None, 0.0, "b1: damaged"), Level.WARNING),
        (None, Level.UNKNOWN),
    ],
)
def test_a_checkpoint_of_an_automatic_kind_needs_a_backup(
    backups: BackupEvidence | None, expected: Level
) -> None:
    assert level_of("backup", change(healthy(), backups=backups)) is expected


def test_a_backup_may_take_two_sweeps() -> None:
    late = change(healthy(), backups=BackupEvidence(3, NOW_S, "000012-gate", NOW_S - 1999.0))
    assert level_of("backup", late) is Level.WARNING
    config = late.config
    assert config is not None
    seldom = msgspec.structs.replace(config.backup, sweep_interval_s=1000.0)
    patient = msgspec.structs.replace(config, backup=seldom)
    assert level_of("backup", change(late, config=patient)) is Level.OK


def test_a_daemon_has_time_to_remove_leftovers() -> None:
    fresh = (Leftover("/home/backups/run/.pruned-x", NOW_S - 60.0),)
    old = (Leftover("/home/backups/run/.tmp-x", NOW_S - 8000.0),)
    assert level_of("leftovers", change(healthy(), leftovers=fresh)) is Level.OK
    assert level_of("leftovers", change(healthy(), leftovers=old)) is Level.WARNING
    stopped = change(healthy(), lock_held=False, leftovers=fresh + old)
    [verdict] = run_checks(stopped, ["leftovers"])
    assert verdict.level is Level.WARNING
    assert "/.tmp-x" in verdict.text and "1 more" in verdict.text
    assert "`landerctl backup prune`" in verdict.text


def test_an_interrupted_rollback_is_a_warning_without_a_daemon() -> None:
    stopped = change(healthy(), lock_held=False, rollback_problem="a rollback was interrupted")
    [verdict] = run_checks(stopped, ["leftovers"])
    assert (verdict.level, verdict.text) == (Level.WARNING, "a rollback was interrupted")
    # With the lock held, the daemon may be running it.
    assert level_of("leftovers", change(stopped, lock_held=True)) is Level.OK


@pytest.mark.parametrize(("tries", "expected"), [(0, Level.OK), (1, Level.WARNING)])
def test_a_notification_that_waits_for_a_retry_is_a_warning(tries: int, expected: Level) -> None:
    waiting = Notice("web", "firing", "a", "warning", "", NOW_S - 60.0, tries)
    evidence = healthy()
    assert evidence.status is not None
    status = msgspec.structs.replace(evidence.status, outbox=[waiting])
    assert level_of("notices", change(evidence, status=status)) is expected


def test_no_check_raises_on_empty_evidence() -> None:
    nothing = Evidence(
        now_s=NOW_S,
        lock_held=False,
        rebooted=False,
        store=StoreEvidence("missing", "no store"),
        status=None,
        run_id=None,
        orphaned=False,
        checkpoints=(),
        checkpoints_problem=None,
        disk=None,
        backups=None,
        config=None,
        config_problem=None,
    )
    verdicts = run_checks(nothing)
    assert {verdict.level for verdict in verdicts} == {Level.UNKNOWN}
    assert worst([verdict.level for verdict in verdicts]) is Level.UNKNOWN


def test_an_unknown_check_is_an_error() -> None:
    with pytest.raises(KeyError):
        run_checks(healthy(), ["no-such-check"])


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 86_400.0, 40 * 86_400.0, -365 * 86_400.0])
def test_a_jump_of_the_clock_is_a_warning_and_makes_nothing_old(step_s: float) -> None:
    """Two seconds after the jump; everything was recorded before it."""
    evidence = healthy()
    before = Look(NOW_S - 2.0, 998.0, "boot")
    after = Look(NOW_S + step_s, 1000.0, "boot")
    jumped = change(evidence, now_s=after.unix_s, clock=observe(ClockRecord(before), after))
    verdicts = {verdict.check: verdict for verdict in run_checks(jumped)}
    assert verdicts["clock"].level is Level.WARNING
    assert "removed by age" in verdicts["clock"].text
    others = {name: verdict.level for name, verdict in verdicts.items() if name != "clock"}
    assert others == {verdict.check: verdict.level for verdict in run_checks(evidence)
                      if verdict.check != "clock"}  # fmt: skip


def test_alerts_are_listed_the_most_severe_first() -> None:
    records = [
        alert(name="first"),
        alert(name="second", severity="critical", state="pending"),
        alert(name="third", severity="critical"),
        alert(name="fourth", severity="info"),
    ]
    assert [record.name for record in firing_alerts(records)] == ["third", "first", "fourth"]
    [verdict] = run_checks(with_alerts(*records), ["alerts"])
    assert verdict.text.startswith("third ")
