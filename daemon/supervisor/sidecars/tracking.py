"""The process that sends the run to a tracking server: kept running, and its reports recorded.

Only that process imports mlflow and talks to the server, so that no server can block the supervisor
or fill its memory. It reads the store itself: nothing is passed to it while training.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.secrets.redaction import redact
from daemon.base.text.counted import counted
from daemon.config.schema import SupervisionSettings, TrackingSettings
from daemon.store.records import TrackingStatus
from daemon.supervisor.aio.events import set_within
from daemon.supervisor.aio.reporting_child import start_reporting_child
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.context import Context
from daemon.supervisor.process.exits import describe_exit
from daemon.supervisor.process.restart import CrashHistory, GiveUp, judge, note_crash
from daemon.tracking.protocol import Assignment, Report, encode_line, report_decoder

_log = logging.getLogger(__name__)

BEHIND = "tracking/behind_s"
BEHIND_STEP_S = 60.0  # the metric counts whole ones, so that it is not recorded in every round
FINISH_S = 7.0  # a process takes up to 5 s when the supervisor stops
SILENCE_S = 300.0  # beyond a request's time-out; it reports every minute at least
RECORD_S = 30.0  # mere progress is recorded at this interval


class SupervisedTracker:
    """One process for the supervisor's run. Training does not depend on it."""

    def __init__(
        self,
        settings: TrackingSettings,
        context: Context,
        supervision: SupervisionSettings,
    ) -> None:
        self._assignment = Assignment(settings, str(context.paths.home), context.run.id)
        self._recorder = context.recorder
        self._clock = context.clock
        self._supervision = supervision
        self._silence_s = SILENCE_S + settings.timeout_s
        self._stop = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._recorded_s = 0.0
        url = redact(settings.mlflow_uri)
        self.status = TrackingStatus(server=url, experiment=settings.experiment)

    def start(self) -> None:
        """Start the process, and keep it running."""
        self._recorder.tracking(self.status)
        self._task = spawn_task(self._keep_running(), "tracking", log_error)

    async def stop(self) -> None:
        """Let the process send what is recorded so far; kill it after FINISH_S."""
        self._stop.set()
        if self._task is None:
            return
        process = self._process
        if process is not None and process.stdin is not None:
            await self._recorder.flush()
            process.stdin.close()
        await asyncio.wait({self._task}, timeout=FINISH_S)
        if process is not None and process.returncode is None:
            _kill(process)
            # With a limit: a process that waits for a dead disk cannot be killed.
            await asyncio.wait({self._task}, timeout=1.0)
        self._task.cancel()
        self._recorder.tracking(self.status)

    def metrics(self) -> dict[str, float]:
        """For how long, in whole minutes (s), the server has lacked the oldest unsent sample."""
        since_s = self.status.since_s
        if self.status.problem is None or since_s is None:
            return {BEHIND: 0.0}
        age_s = max(0.0, self._clock().unix_s - since_s)
        return {BEHIND: BEHIND_STEP_S * (age_s // BEHIND_STEP_S)}

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        history = CrashHistory()
        while not self._stop.is_set():
            began_s = loop.time()
            try:
                code = await self._run_once()
                end = describe_exit(code)
            except OSError as error:
                code, end = 1, f"could not be started: {error.strerror}"
            if self._stop.is_set() or self.status.given_up:
                return
            now_s = loop.time()
            history = note_crash(
                history, now_s=now_s, healthy_s=now_s - began_s, settings=self._supervision
            )
            self._fail(f"its process: {end}")
            after = judge(history, code, self._supervision)
            if isinstance(after, GiveUp):
                self._give_up(f"its process: {after.reason}")
                return
            await set_within(self._stop, after.delay_s)

    async def _run_once(self) -> int:
        process, orders, reports = await start_reporting_child(
            "daemon.tracking", encode_line(self._assignment)
        )
        self._process = process
        try:
            if self._stop.is_set():
                orders.close()
            while line := await asyncio.wait_for(reports.readline(), self._silence_s):
                try:
                    self._handle(report_decoder.decode(line))
                except MALFORMED:
                    _log.warning("tracking: a report could not be decoded")
        except TimeoutError:
            self._fail(f"its process: no report within {self._silence_s:g} s")
            _kill(process)
        finally:
            self._process = None
        return await process.wait()

    def _handle(self, report: Report) -> None:
        if report.busy:
            return  # it waits for that of a supervisor before this one, or for `tracking sync`
        before = self.status
        if report.server:  # else it failed before it could count
            self.status = msgspec.structs.replace(
                before,
                server=report.server,
                sent=report.sent,
                lost=report.lost,
                behind=report.behind,
                since_s=report.since_s,
            )
        # What another daemon's process had counted is recorded already.
        if (lost := self.status.lost - max(before.lost, report.lost_before)) > 0:
            self._recorder.event(
                "tracking.lost",
                f"{counted(lost, 'sample')} were not sent to the tracking server: removed by the "
                "store's retention before that, or refused",
                body={"count": lost},
            )
        if report.for_good:
            self._give_up(report.problem)
        elif report.problem:
            self._fail(report.problem)
        elif report.unfinished:
            # It may fail yet, as where only files are refused: an outage ends with a whole try.
            self._record(at_once=False)
        else:
            self._works()

    def _works(self) -> None:
        recovered = self.status.problem is not None
        if recovered:
            behind = self.status.behind
            self._recorder.event(
                "tracking.recovered",
                f"The tracking server {self.status.server} is sent to again"
                + (f"; {counted(behind, 'sample')} to go" if behind else ""),
                body={"behind": behind},
            )
        self.status = msgspec.structs.replace(self.status, problem=None)
        self._record(at_once=recovered)

    def _fail(self, problem: str) -> None:
        """Record each outage once, not each retry."""
        begins = self.status.problem is None
        if begins:
            self._recorder.event(
                "tracking.failed",
                f"Nothing is sent to the tracking server {self.status.server}: {problem}; "
                "will retry, training goes on",
                body={"error": problem, "behind": self.status.behind},
            )
        since_s = self.status.since_s or self._clock().unix_s
        self.status = msgspec.structs.replace(self.status, problem=problem, since_s=since_s)
        self._record(at_once=begins)

    def _give_up(self, problem: str) -> None:
        self._recorder.event(
            "tracking.given_up",
            f"The run is not sent to the tracking server any more: {problem}; when that is "
            "corrected, restart the daemon",
            body={"error": problem},
        )
        since_s = self.status.since_s or self._clock().unix_s
        self.status = msgspec.structs.replace(
            self.status, problem=problem, since_s=since_s, given_up=True
        )
        self._record(at_once=True)

    def _record(self, *, at_once: bool) -> None:
        now_s = self._clock().monotonic_s
        if at_once or now_s - self._recorded_s >= RECORD_S:
            self._recorded_s = now_s
            self._recorder.tracking(self.status)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
