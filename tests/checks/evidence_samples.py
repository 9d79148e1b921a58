"""Evidence of a healthy training, which each test modifies."""

from __future__ import annotations

import msgspec

from checks.evidence import (
    BackupEvidence,
    CheckpointEvidence,
    DiskEvidence,
    Evidence,
    HistoryEvidence,
    SpanEvidence,
    StoreEvidence,
)
from daemon.base.clocks.trust import ClockRecord, Look
from daemon.config import load_config
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.records import AlertRecord, Event, RunRecord, Status
from tests.status_samples import daemon_status, progress, resources, trainer_status

NOW_S = 1_800_000_000.0


def healthy() -> Evidence:
    return Evidence(
        now_s=NOW_S,
        lock_held=True,
        rebooted=False,
        store=StoreEvidence("readable", size_bytes=100_000),
        status=Status(
            daemon=daemon_status(NOW_S),
            trainer=trainer_status(NOW_S, phase="learning"),
            progress=progress(NOW_S, phase="learning", mastery_success_rate=0.8),
            resources=resources(NOW_S),
            alerts=[],
            silences=[],
            outbox=[],
            run=RunRecord("run-1", NOW_S - 7200, "curriculum", "ppo", 128),
        ),
        run_id="run-1",
        orphaned=False,
        checkpoints=(
            CheckpointEvidence("000012-600000-interval", NOW_S - 60, 600_000, 2, "interval"),
        ),
        checkpoints_problem=None,
        disk=DiskEvidence(120_000_000_000, 200_000_000_000),
        backups=BackupEvidence(3, NOW_S - 300.0, None, 0.0),
        leftovers=(),
        config=load_config(None).config,
        config_problem=None,
        history=history(),
        clock=ClockRecord(Look(NOW_S, 1000.0, "boot")),
    )


def history() -> HistoryEvidence:
    """The history of a run with slightly more than a day of training."""
    began_s = NOW_S - 7200.0
    newest = {
        "episode/success_rate_100": 0.43,
        "curriculum/current_stage": 2.0,
        "rollout/ep_len_mean": 400.0,
        "train/learning_rate": 4e-4,
        "memory/growth_gb_per_day": 0.1,
    }
    hour = SpanEvidence(3600.0, NOW_S - 3000.0, True, newest, succeeded=True)
    return HistoryEvidence(
        trained_s=90_000.0,
        began_s=began_s + 7.0,
        first_checkpoint_s=began_s + 20.0,
        events=(happened("stage.passed", NOW_S - 100.0),),
        hour=hour,
        day=msgspec.structs.replace(hour, length_s=86_400.0, until_s=NOW_S - 60.0),
        success_quarters=None,
        episode_limits=(600, 900, 1200, 1600, 4000),
        checkpoint_problem=None,
        tensorboard_s=NOW_S - 2.0,
        evaluated=True,
    )


def happened(name: str, time_s: float, **body: str | int) -> Event:
    return Event(1, time_s, name, CATALOGUE[name].severity, "run-1", f"text of {name}", dict(body))


def change(evidence: Evidence, **changes: object) -> Evidence:
    """The evidence with other values; `trainer__state="FATAL"` reaches into the status."""
    status = evidence.status
    own: dict[str, object] = {}
    for name, value in changes.items():
        part, _, field = name.partition("__")
        if not field:
            own[name] = value
            continue
        assert status is not None
        record = msgspec.structs.replace(getattr(status, part), **{field: value})
        status = msgspec.structs.replace(status, **{part: record})
    return msgspec.structs.replace(evidence, **({"status": status} | own))


def alert(**changes: object) -> AlertRecord:
    record = AlertRecord(
        name="cpu-high",
        state="firing",
        since_s=NOW_S - 90,
        value=99.0,
        metric="cpu/machine_percent",
        comparison="above",
        threshold=98.0,
        severity="warning",
        summary="The machine is busy",
    )
    return msgspec.structs.replace(record, **changes)


def with_alerts(*alerts: AlertRecord) -> Evidence:
    evidence = healthy()
    assert evidence.status is not None
    status = msgspec.structs.replace(evidence.status, alerts=list(alerts))
    return msgspec.structs.replace(evidence, status=status)
