"""A state folder like the supervisor's, written by the real store writer."""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from daemon.backup.catalog import write_tag
from daemon.backup.record import FORMAT as BACKUP_FORMAT
from daemon.backup.record import RECORD, Backup, Tag
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.environment_version import environment_versions
from daemon.checkpoint.manifest import (
    FORMAT,
    MANIFEST,
    FileDigest,
    Manifest,
    checkpoint_id,
    encode_record,
    seal,
)
from daemon.config import load_config
from daemon.config.schema import CheckpointKind
from daemon.store.records import (
    AlertRecord,
    GpuStatus,
    ResourceStatus,
    RunRecord,
    ServerStatus,
)
from daemon.store.writer import StoreWriter
from tests import status_samples

RUN_ID = "20260728-141500-curriculum-ppo-3fa9"


class StateFolder:
    """Writes test data. `now_s`: Unix time of the newest data."""

    def __init__(self, home: Path, now_s: float) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.paths = StatePaths(home)
        self.now_s = now_s
        self.config = load_config(None).config
        self.writer = StoreWriter.open(self.paths.store)
        self._lock: int | None = None

    @property
    def run(self) -> RunPaths:
        return self.paths.run(RUN_ID)

    def close(self) -> None:
        self.release_lock()
        self.writer.close()

    def hold_lock(self) -> None:
        self._lock = os.open(self.paths.lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def daemon(
        self,
        *,
        stopped_s: float | None = None,
        reason: str | None = None,
        config_error: str | None = None,
        servers: Mapping[str, ServerStatus] | None = None,
    ) -> None:
        self.writer.put_daemon(
            status_samples.daemon_status(
                self.now_s,
                started_s=self.now_s - 2700.0,
                config_error=config_error,
                servers=servers or {},
                stopped_s=stopped_s,
                stop_reason=reason,
            )
        )

    def trainer(self, **changes: object) -> None:
        usual: dict[str, object] = {
            "since_s": self.now_s - 2600.0,
            "phase": "learning",
            "heartbeat_s": self.now_s - 1.0,
        }
        status = status_samples.trainer_status(self.now_s, RUN_ID, **usual | changes)
        self.writer.put_trainer(status)

    def progress(self, **changes: object) -> None:
        usual: dict[str, object] = {
            "time_s": self.now_s - 1.0,
            "timesteps": 13_400_000,
            "stage": 3,
            "stage_name": "terminal descent",
            "stage_timesteps": 2_100_000,
            "episodes": 9_312,
            "success_rate": 0.47,
            "reward_mean": 582.0,
            "gate_success_rate": 0.55,
            "gate_mean_reward": 700.0,
            "steps_per_s": 21_034.0,
            "eta_s": 2_215.0,
            "phase": "learning",
        }
        self.writer.put_progress(status_samples.progress(self.now_s, **usual | changes))

    def run_record(self) -> None:
        self.run.folder.mkdir(parents=True, exist_ok=True)
        self.run.config.write_bytes(msgspec.json.encode(self.config))
        self.writer.put_run(RunRecord(RUN_ID, self.now_s - 2650.0, "curriculum", "ppo", 128))

    def resources(self, gpus: Sequence[GpuStatus] = ()) -> None:
        self.writer.put_resources(
            ResourceStatus(
                gpus=list(gpus),
                time_s=self.now_s,
                cpu_machine_percent=93.0,
                cpu_trainer_percent=181.0,
                cpu_supervisor_percent=0.7,
                memory_used_percent=58.0,
                memory_trainer_bytes=1_240_000_000,
                memory_supervisor_bytes=43_000_000,
                disk_free_bytes=212_000_000_000,
                disk_total_bytes=494_000_000_000,
                cores=2,
            )
        )

    def alert(self, name: str = "disk-low", **changes: object) -> AlertRecord:
        record = AlertRecord(
            name=name,
            state="firing",
            since_s=self.now_s - 190.0,
            value=9.2,
            metric="disk/free_gb",
            comparison="below",
            threshold=10.0,
            severity="critical",
            summary="Disk space is running out: free some, or move the state folder (--home)",
        )
        return msgspec.structs.replace(record, **changes)

    def checkpoint(
        self, sequence: int, timesteps: int, kind: CheckpointKind = "interval", stage: int = 1
    ) -> Manifest:
        return self.write_checkpoint(self.manifest(sequence, timesteps, kind, stage))

    def write_checkpoint(self, manifest: Manifest) -> Manifest:
        folder = self.run.checkpoints / manifest.id
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_bytes(encode_record(manifest))
        return manifest

    def manifest(self, sequence: int, timesteps: int, kind: CheckpointKind, stage: int) -> Manifest:
        ago_s = (13_400_000 - timesteps) / 21_000.0
        return seal(
            Manifest(
                format=FORMAT,
                id=checkpoint_id(sequence, timesteps, kind),
                sequence=sequence,
                run_id=RUN_ID,
                kind=kind,
                created_s=self.now_s - ago_s,
                algorithm="ppo",
                timesteps=timesteps,
                stage=stage,
                ramp_step=1,
                episodes=100,
                success_rate=0.31 + 0.05 * stage,
                reward_mean=180.0 + 130.0 * stage,
                restored_from=None,
                versions=environment_versions(),
                files={"model.zip": FileDigest(612_345, "0" * 64)},
            )
        )

    def backup(self, manifest: Manifest) -> Backup:
        backup = seal(
            Backup(
                format=BACKUP_FORMAT,
                id=manifest.id,
                run_id=RUN_ID,
                created_s=manifest.created_s + 1.0,
                checkpoint=manifest,
                files=manifest.files | {MANIFEST: FileDigest(1_000, "0" * 64)},
            )
        )
        folder = self.paths.backups / RUN_ID / manifest.id
        folder.mkdir(parents=True)
        (folder / RECORD).write_bytes(encode_record(backup))
        write_tag(self.paths.backups, backup, Tag(pinned=True))
        return backup

    def history(self, rollouts: int = 160) -> None:
        """Series of a run that has passed two gates."""
        with self.writer.transaction():
            for index in range(rollouts):
                done = (index + 1) / rollouts
                stage_done = (done * 2.7) % 1.0
                wobble = 0.05 * math.sin(index * 1.7) + 0.04 * math.sin(index * 0.41)
                success = max(0.0, min(0.97, 0.75 * stage_done**1.4 + wobble))
                self.writer.add_samples(
                    self.now_s - 2600.0 * (1.0 - done),
                    {
                        "episode/success_rate_100": success,
                        "curriculum/reward_100": -240.0 + 1250.0 * success,
                        "rollout/ep_len_mean": 410.0 - 150.0 * success,
                        "time/fps": 21_000.0 + 2_500.0 * math.sin(index * 0.23),
                    },
                    timesteps=int(13_400_000 * done),
                )

    def events(self) -> None:
        start_s = self.now_s - 2700.0
        add = self.writer.add_event
        add("daemon.started", "The supervisor runs (pid 4242)", time_s=start_s)
        add(
            "run.started",
            "A new run begins: curriculum, ppo, 128 landers, seed 42",
            time_s=start_s + 1.0,
            run_id=RUN_ID,
        )
        add("trainer.running", "First heartbeat after 41 s", time_s=start_s + 42.0, run_id=RUN_ID)
        for stage, timesteps in ((1, 4_963_000), (2, 9_926_000)):
            add(
                "stage.passed",
                f"Stage {stage} passed after {timesteps:,} timesteps",
                time_s=start_s + 800.0 * stage,
                run_id=RUN_ID,
                body={"stage": stage, "timesteps": timesteps},
            )
            add(
                "checkpoint.saved",
                f"Checkpoint {stage:06d}-{timesteps}-gate saved, 0.6 MB",
                time_s=start_s + 800.0 * stage + 1.0,
                run_id=RUN_ID,
            )
        add(
            "trainer.crashed",
            "The trainer exited unexpectedly: killed by SIGKILL; next start in 1 s",
            time_s=self.now_s - 400.0,
            run_id=RUN_ID,
        )
        add(
            "trainer.resumed",
            "Training resumes from 000022-11200000-interval",
            time_s=self.now_s - 391.0,
            run_id=RUN_ID,
        )
        add(
            "alert.firing",
            "speed-low: 430 steps/s, below 500",
            time_s=self.now_s - 300.0,
            run_id=RUN_ID,
        )

    def everything(self) -> None:
        """A healthy run in its third stage."""
        self.daemon()
        self.run_record()
        self.trainer()
        self.progress()
        self.resources()
        self.writer.put_alerts([])
        self.history()
        self.events()
        for sequence in range(14, 27):
            kind: CheckpointKind = "gate" if sequence == 17 else "interval"
            self.checkpoint(sequence, sequence * 500_000, kind, 2 if sequence < 18 else 3)
        self.backup(self.manifest(17, 8_500_000, "gate", 2))
