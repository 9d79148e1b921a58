"""Evidence of a training that goes well, to be spoilt by each test."""

from __future__ import annotations

import msgspec

from checks.evidence import CheckpointEvidence, DiskEvidence, Evidence, StoreEvidence
from daemon.config import load_config
from daemon.protocol.trainer import Progress
from daemon.store.records import (
    AlertRecord,
    DaemonStatus,
    ResourceStatus,
    RunRecord,
    Status,
    TrainerStatus,
)

NOW_S = 1_800_000_000.0


def healthy() -> Evidence:
    return Evidence(
        now_s=NOW_S,
        lock_held=True,
        rebooted=False,
        store=StoreEvidence("readable", size_bytes=100_000),
        status=Status(
            daemon=DaemonStatus(
                4242, NOW_S - 7200, None, None, (5_000.0, 60_000.0), None, None, None
            ),
            trainer=TrainerStatus(
                "RUNNING", NOW_S - 7000, 4243, "run-1", "learning", "", 0, None, None, NOW_S - 2
            ),
            progress=Progress(
                time_s=NOW_S - 2,
                timesteps=13_200_000,
                total_timesteps=60_000_000,
                stage=2,
                stages=5,
                stage_name="approach",
                stage_timesteps=5_000_000,
                episodes=12_345,
                success_rate=0.43,
                reward_mean=512.3,
                gate_success_rate=0.5,
                gate_mean_reward=600.0,
                gate_passed=False,
                mastery_success_rate=0.8,
                steps_per_s=18_200.0,
                eta_s=2571.0,
                phase="learning",
            ),
            resources=ResourceStatus(
                NOW_S - 1,
                97.0,
                188.0,
                0.5,
                41.0,
                612_000_000,
                48_000_000,
                120_000_000_000,
                200_000_000_000,
                2,
            ),
            alerts=[],
            run=RunRecord("run-1", NOW_S - 7200, "curriculum", "ppo", 128),
        ),
        run_id="run-1",
        orphaned=False,
        checkpoint=CheckpointEvidence("000012-600000-interval", NOW_S - 60, 600_000, 2),
        checkpoints_problem=None,
        disk=DiskEvidence(120_000_000_000, 200_000_000_000),
        config=load_config(None).config,
        config_problem=None,
    )


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
        "cpu-high", "firing", NOW_S - 90, 99.0, "above", 98.0, "warning", "The machine is busy"
    )
    return msgspec.structs.replace(record, **changes)


def with_alerts(*alerts: AlertRecord) -> Evidence:
    evidence = healthy()
    assert evidence.status is not None
    status = msgspec.structs.replace(evidence.status, alerts=list(alerts))
    return msgspec.structs.replace(evidence, status=status)
