"""Turns the reports of one trainer process into records and events."""

from __future__ import annotations

import math
from collections.abc import Callable

from daemon.base.text.counted import counted
from daemon.protocol.trainer import (
    CheckpointSaved,
    EpisodesEnded,
    EventReport,
    Failed,
    Hello,
    Metrics,
    Phase,
    PhaseName,
    Progress,
    Report,
    Startup,
)
from daemon.store.async_recorder import Recorder
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.catalogs.metric_names import DISTANCE
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.process.trainer_process import MalformedLine

MALFORMED_INTERVAL_S = 60.0  # at most one trainer.protocol event in this time
# Numbers that stay NaN are recorded again after this time: the alert counts the last hour.
NOT_FINITE_INTERVAL_S = 1800.0


class Telemetry:
    """One per process, so that reports of different trainers do not mix."""

    def __init__(
        self, recorder: Recorder, clock: Clock, on_checkpoint: Callable[[CheckpointSaved], None]
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._on_checkpoint = on_checkpoint
        self._malformed = 0
        self._malformed_reported_s = -math.inf
        self._not_finite: list[str] = []
        self._not_finite_reported_s = -math.inf
        self.started = clock()
        self.last_report_s = self.started.monotonic_s
        self.report_s = self.started.unix_s  # Unix
        self.hello: Hello | None = None
        self.phase: PhaseName | None = None
        self.phase_detail = ""
        self.startup: Startup | None = None
        self.progress: Progress | None = None
        self.first_progress_s: float | None = None  # monotonic
        self.heartbeat_s: float | None = None  # Unix
        self.failed: str | None = None
        self.has_saved_last = False  # the checkpoint before its exit
        self.metrics: dict[str, float] = {}
        self._saved_steps: int | None = None  # timesteps of the newest checkpoint
        self._distance_steps = 0  # largest since the last checkpoint, so far

    def handle(self, report: Report | MalformedLine) -> None:
        """Handle one line from the trainer. All but malformed ones count as a sign of life."""
        if isinstance(report, MalformedLine):
            self._handle_malformed(report.reason)
            return
        now = self._clock()
        self.last_report_s, self.report_s = now.monotonic_s, now.unix_s
        match report:
            case Hello():
                self._handle_hello(report)
            case Phase(name, detail):
                self.phase, self.phase_detail = name, detail
            case Startup():
                self._handle_startup(report)
            case Progress():
                self._handle_progress(report)
            case Metrics():
                self._handle_metrics(report)
            case EpisodesEnded():
                self._recorder.episodes(report)
            case CheckpointSaved():
                self._handle_checkpoint(report)
            case EventReport(name) if name not in CATALOGUE:
                self._handle_malformed(f"an event of unknown name {name!r}")
            case EventReport(name, severity, text, body):
                self._recorder.event(name, text, severity=severity, body=body)
            case Failed(text):
                self.failed = text

    def _handle_hello(self, hello: Hello) -> None:
        self.hello = hello
        self._saved_steps = hello.timesteps
        if hello.resumed_from is not None:
            self._recorder.event(
                "trainer.resumed",
                f"Training resumes from {hello.resumed_from} at {hello.timesteps:,} steps",
                body={"checkpoint": hello.resumed_from},
            )

    def _handle_startup(self, startup: Startup) -> None:
        # Only a new step is a new phase: within one the trainer may also be evaluating or saving.
        if self.startup is None or self.startup.current.name != startup.current.name:
            self.phase, self.phase_detail = startup.current.name, ""
        self.startup = startup

    def _handle_progress(self, progress: Progress) -> None:
        now = self._clock()
        if self.first_progress_s is None:
            self.first_progress_s = now.monotonic_s
        self.progress = progress
        self.heartbeat_s = now.unix_s
        if self.phase != progress.phase:
            self.phase, self.phase_detail = progress.phase, ""
        self._recorder.progress(progress)

    def _handle_metrics(self, metrics: Metrics) -> None:
        values = metrics.values | dict.fromkeys(metrics.not_finite, math.nan)
        if self._saved_steps is not None:
            # A rewind returns to a checkpoint.
            self._saved_steps = min(self._saved_steps, metrics.timesteps)
            steps = metrics.timesteps - self._saved_steps
            self._distance_steps = max(self._distance_steps, steps)
            values[DISTANCE] = float(self._distance_steps)
        self.metrics |= values
        self._recorder.samples(metrics.time_s, values, metrics.timesteps)
        # Not with every rollout: when the list changes, and regularly while it lasts.
        now_s = self._clock().monotonic_s
        long_ago = now_s - self._not_finite_reported_s >= NOT_FINITE_INTERVAL_S
        if metrics.not_finite and (metrics.not_finite != self._not_finite or long_ago):
            self._not_finite_reported_s = now_s
            names = ", ".join(metrics.not_finite)
            self._recorder.event(
                "training.not_finite",
                f"Not a finite number at {metrics.timesteps:,} steps: {names}",
                body={
                    "what": names,
                    "where": "metrics",
                    "timesteps": metrics.timesteps,
                    "checkpoint": None,
                },
            )
        self._not_finite = metrics.not_finite

    def _handle_checkpoint(self, saved: CheckpointSaved) -> None:
        self._recorder.event(
            "checkpoint.saved",
            f"Checkpoint {saved.id} saved, {saved.size_bytes / 1e6:.1f} MB "
            f"in {saved.duration_s:.2f} s",
            body={"id": saved.id, "kind": saved.kind, "bytes": saved.size_bytes},
        )
        self._saved_steps = saved.timesteps
        self.has_saved_last |= saved.kind in ("stop", "final")
        self._on_checkpoint(saved)

    def _handle_malformed(self, reason: str) -> None:
        self._malformed += 1
        now_s = self._clock().monotonic_s
        if now_s - self._malformed_reported_s >= MALFORMED_INTERVAL_S:
            self._recorder.event(
                "trainer.protocol",
                f"{counted(self._malformed, 'line')} from the trainer could not be decoded, "
                f"the last: {reason[:200]}",
            )
            self._malformed, self._malformed_reported_s = 0, now_s
