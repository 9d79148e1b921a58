"""A home with a known history, written by the store's own writer with a moved clock.

Seconds after START_S: 0 a start, 10 stage 1, 100 an alert fires, 160 it ends, 200 stage 2, 300 a
rollback to the first checkpoint, 400 a clean stop, 500 a start, 600 that daemon dies, 700 another
start that still runs. A sample every 2 s while a daemon runs.
"""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.checkpoint.manifest import Manifest, seal
from daemon.store.history.record import Recorded, StatusHistory
from daemon.store.records import AlertRecord, RunRecord
from tests import status_samples
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder

AFTER_S = 800.0  # from the start to now
RUNS_S = [(0.0, 400.0), (500.0, 600.0), (700.0, AFTER_S)]


class KnownHistory:
    """Writes it into a state folder whose now is `folder.now_s`."""

    def __init__(self, folder: StateFolder, *, recorded: bool = True) -> None:
        self.folder = folder
        self._recorded = recorded
        self._history = StatusHistory()
        self._happened: list[tuple[float, str, str, dict[str, Any]]] = []
        self.start_s = folder.now_s - AFTER_S
        self.first, self.second = self._checkpoints()

    def _checkpoints(self) -> tuple[Manifest, Manifest]:
        made = []
        for sequence, after_s in ((1, 90.0), (2, 250.0)):
            manifest = self.folder.manifest(sequence, int(after_s * 1000), "interval", sequence)
            moved = msgspec.structs.replace(manifest, created_s=self.start_s + after_s)
            made.append(self.folder.write_checkpoint(seal(moved)))
        return made[0], made[1]

    def write(self) -> None:
        folder = self.folder
        with folder.writer.transaction():
            self._events()
            self._status()
            for begin_s, end_s in RUNS_S:
                for index in range(int((end_s - begin_s) / 2.0)):
                    self._sample(begin_s + index * 2.0)
        folder.run_record()
        folder.daemon()
        folder.trainer()
        folder.progress()
        folder.resources()
        folder.writer.put_alerts([])

    def _sample(self, after_s: float) -> None:
        values = {
            "cpu/machine_percent": 10.0 + after_s / 10.0,
            "cpu/supervisor_percent": 1.0,
            "memory/used_percent": 40.0,
            "memory/supervisor_bytes": 40e6,
            "disk/free_gb": 100.0 - after_s / 100.0,
        }
        self.folder.writer.add_samples(self.start_s + after_s, values)
        if after_s < 400.0:
            trained = {
                "episode/success_rate_100": after_s / 1000.0,
                "time/fps": 20_000.0,
                "curriculum/current_stage": 1.0 if after_s < 200.0 else 2.0,
            }
            self.folder.writer.add_samples(
                self.start_s + after_s, trained, timesteps=int(after_s * 1000)
            )

    def _event(self, after_s: float, name: str, text: str, **body: Any) -> None:
        self._happened.append((after_s, name, text, body))

    def _events(self) -> None:
        for begin_s, _ in RUNS_S:
            self.folder.writer.add_session(self.start_s + begin_s, RUN_ID)
            if begin_s == 700.0:
                self._event(699.9, "daemon.recovered", "The previous supervisor died")
            self._event(begin_s, "daemon.started", "Supervisor started", pid=int(begin_s) + 1)
            self._event(begin_s + 1.0, "trainer.started", "The trainer was started")
            self._event(begin_s + 9.0, "trainer.running", "First heartbeat")
        for sequence, after_s in ((1, 90.0), (2, 250.0)):
            id_ = (self.first, self.second)[sequence - 1].id
            self._event(after_s, "checkpoint.saved", f"Checkpoint {id_} saved", id=id_, bytes=9)
        gone = "000003-260000-interval"
        self._event(260.0, "checkpoint.saved", f"Checkpoint {gone} saved", id=gone, bytes=9)
        self._event(350.0, "checkpoint.pruned", f"1 old checkpoint removed: {gone}", count=1)
        self._event(10.0, "stage.started", "Stage 1: touchdown", stage=1)
        self._event(200.1, "stage.started", "Stage 2: approach", stage=2)
        self._event(240.0, "stage.ramped", "Ramp 2 of 4", stage=2, ramp_step=1, attempt=1)
        self._event(100.0, "alert.firing", "Slow (430 steps/s)", alert="speed-low", value=430.0)
        self._event(160.0, "alert.resolved", "speed-low ended", alert="speed-low", value=600.0)
        self._event(200.0, "stage.passed", "Stage 1 passed", stage=1, timesteps=200_000)
        self._event(300.0, "rollback.started", f"Rolling back to {self.first.id}", id=self.first.id)
        self._event(310.0, "rollback.done", "Training resumes", id=self.first.id)
        self._event(399.0, "trainer.exited", "The trainer exited", exit="saved and stopped")
        self._event(400.0, "daemon.stopped", "Supervisor stopped", reason="on request")
        for after_s, name, text, body in sorted(self._happened, key=lambda event: event[0]):
            time_s = self.start_s + after_s
            self.folder.writer.add_event(name, text, time_s=time_s, run_id=RUN_ID, body=body)

    def _status(self) -> None:
        self._put(0.0, "run", RunRecord(RUN_ID, self.start_s, "curriculum", "ppo", 128))
        self._put(0.0, "alerts", [])
        for begin_s, _ in RUNS_S:
            started_s = self.start_s + begin_s
            daemon = status_samples.daemon_status(
                started_s, started_s=started_s, pid=int(begin_s) + 1
            )
            self._put(begin_s, "daemon", daemon)
        for after_s, stage, timesteps in (
            (10.0, 1, 10_000),
            (200.0, 2, 200_000),
            (310.0, 1, 90_000),  # after the rollback
        ):
            progress = status_samples.progress(
                self.start_s,
                time_s=self.start_s + after_s,
                stage=stage,
                stage_name=("hover", "approach")[stage - 1],
                timesteps=timesteps,
                stage_timesteps=1_000,
                success_rate=after_s / 1000.0,
            )
            self._put(after_s, "progress", progress)
        for after_s, state in (
            (1.0, "STARTING"),
            (9.0, "RUNNING"),
            (399.0, "STOPPED"),
            (509.0, "RUNNING"),
        ):
            trainer = status_samples.trainer_status(self.start_s, RUN_ID, state=state)
            self._put(after_s, "trainer", trainer)
        firing = AlertRecord(
            "speed-low", "firing", self.start_s + 100.0, 430.0, "time/fps", "below", 500.0,
            "warning", "Slow",
        )  # fmt: skip
        self._put(100.0, "alerts", [firing])
        self._put(160.0, "alerts", [])

    def _put(self, after_s: float, name: str, snapshot: Recorded) -> None:
        if self._recorded:
            rows = self._history.rows(name, snapshot, self.start_s + after_s)
            self.folder.writer.add_history(rows)
