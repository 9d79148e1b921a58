"""The supervised trainer: start, monitor, restart with backoff, give up, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

from daemon.base.exitcodes import TrainerExit
from daemon.config.schema import CheckpointKind, SupervisionSettings
from daemon.protocol.trainer import CheckpointSaved, EventReport, Hello, Progress, Save, Stop
from daemon.store.records import TrainerState, TrainerStatus
from daemon.supervisor.aio.events import set_within
from daemon.supervisor.aio.tasks import spawn_task
from daemon.supervisor.context import Context
from daemon.supervisor.process import exits
from daemon.supervisor.process.checkpoint_requests import CheckpointRequests, NoTrainerError
from daemon.supervisor.process.exits import ProcessExit
from daemon.supervisor.process.lease_wait import wait_for_lease
from daemon.supervisor.process.restart import CrashHistory, GiveUp, judge, note_crash
from daemon.supervisor.process.states import ALIVE, AT_REST, TrainerStateMachine
from daemon.supervisor.process.telemetry import Telemetry
from daemon.supervisor.process.trainer_process import TrainerProcess


class SupervisedTrainer:
    """One run's trainer. All methods belong to the event loop's thread."""

    def __init__(
        self,
        context: Context,
        command: Sequence[str],
        settings: SupervisionSettings,
        *,
        on_checkpoint: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._command = command
        self._run = context.run
        self._settings = settings
        self._recorder = context.recorder
        self._clock = context.clock
        self._on_checkpoint = on_checkpoint
        self._on_error = on_error
        self._machine = TrainerStateMachine()
        self._requests = CheckpointRequests()
        self._since_s = context.clock().unix_s
        self._process: TrainerProcess | None = None
        self._telemetry: Telemetry | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._stop_reason = ""
        self._waiting_text: str | None = None
        self._restarts = 0
        self._last_exit: str | None = None
        self._restart_at_s: float | None = None

    @property
    def state(self) -> TrainerState:
        """The current state."""
        return self._machine.state

    @property
    def pid(self) -> int | None:
        """The process's pid; None without a process."""
        return self._process.pid if self._process else None

    @property
    def hello(self) -> Hello | None:
        """The first report of the running process, or of the last one."""
        return self._telemetry.hello if self._telemetry else None

    @property
    def progress(self) -> Progress | None:
        """The newest progress of the running process, or of the last one."""
        return self._telemetry.progress if self._telemetry else None

    @property
    def metrics(self) -> dict[str, float]:
        """The newest training metrics; empty if no trainer is RUNNING."""
        return self._telemetry.metrics if self._telemetry and self.state == "RUNNING" else {}

    @property
    def last_exit(self) -> str | None:
        """How the last process exited, as text."""
        return self._last_exit

    def start(self) -> None:
        """Start the trainer, with an empty crash history. Only in a state of AT_REST."""
        assert self.state in AT_REST, self.state
        self._stop.clear()
        self._enter("STARTING")
        self._task = spawn_task(self._supervise(), "trainer", self._on_error)

    async def stop(self, reason: str) -> None:
        """Let the trainer save and exit; kill it after stop_timeout_s. Returns when AT_REST."""
        self._stop_reason = reason
        self._stop.set()
        if self._task is not None:
            await asyncio.shield(self._task)

    def stop_soon(self, reason: str) -> None:
        """Like `stop`, without waiting."""
        self._stopping = spawn_task(self.stop(reason), "stop", self._on_error)

    async def save(self, kind: CheckpointKind) -> CheckpointSaved:
        """Have a checkpoint saved at the next rollout's end; wait for it. Raises NoTrainerError."""
        if self.state != "RUNNING" or self._process is None:
            raise NoTrainerError(f"the trainer is {self.state}")
        saved = self._requests.expect(kind)
        self._process.order(Save(kind))
        return await saved

    async def until(self, states: Collection[TrainerState]) -> TrainerState:
        """Wait for one of `states`, and return it; at once if it is the current one."""
        return await self._machine.until(states)

    def _enter(self, state: TrainerState) -> None:
        self._since_s = self._clock().unix_s
        if state != "BACKOFF":
            self._restart_at_s = None
        self._machine.enter(state)
        self.publish()

    def publish(self) -> None:
        """Write the current state to the store."""
        telemetry = self._telemetry if self.state in ALIVE else None
        self._recorder.trainer(
            TrainerStatus(
                state=self.state,
                since_s=self._since_s,
                pid=self.pid,
                run_id=self._run.id,
                phase=telemetry.phase if telemetry else None,
                phase_detail=telemetry.phase_detail if telemetry else self._waiting_text or "",
                restarts=self._restarts,
                last_exit=self._last_exit,
                restart_at_s=self._restart_at_s,
                heartbeat_s=self._telemetry.heartbeat_s if self._telemetry else None,
                startup=telemetry.startup if telemetry and self.state == "STARTING" else None,
            )
        )

    async def _supervise(self) -> None:
        history = CrashHistory()
        while True:
            exit_ = await self._run_process()
            self._last_exit = exit_.text
            if self._stop.is_set():
                self._finish_stop(exit_)
                return
            if exit_.code == TrainerExit.COMPLETED:
                self._complete()
                return
            history = note_crash(
                history,
                now_s=self._clock().monotonic_s,
                healthy_s=exit_.healthy_s,
                settings=self._settings,
            )
            code = TrainerExit.SOFTWARE if exit_.code is None else exit_.code
            verdict = judge(history, code, self._settings)
            if isinstance(verdict, GiveUp):
                self._give_up(exit_, verdict)
                return
            exits.record_crash(self._recorder, exit_, verdict.delay_s)
            self._restart_at_s = self._clock().unix_s + verdict.delay_s
            self._enter("BACKOFF")
            if await set_within(self._stop, verdict.delay_s):
                self._enter("STOPPED")
                return
            self._restarts += 1
            self._enter("STARTING")

    def _finish_stop(self, exit_: ProcessExit) -> None:
        if self.state != "STOPPING":
            self._enter("STOPPING")
        exits.record_requested_exit(self._recorder, exit_, self._stop_reason)
        if exit_.code == TrainerExit.COMPLETED:
            self._complete()
        else:
            self._enter("STOPPED")

    def _complete(self) -> None:
        progress = self.progress
        exits.record_completion(self._recorder, self._run, progress)
        self._enter("EXITED")

    def _give_up(self, exit_: ProcessExit, verdict: GiveUp) -> None:
        exits.record_crash(self._recorder, exit_, None)
        exits.record_giving_up(self._recorder, self._run, verdict.reason)
        self._enter("FATAL")

    async def _run_process(self) -> ProcessExit:
        """Run one process; the state is STARTING, RUNNING or STOPPING when this returns."""
        self._telemetry = None
        try:
            lease = await wait_for_lease(
                self._run.lease, self._settings.stop_timeout_s, self._stop, self._report_waiting
            )
        except OSError as error:
            return ProcessExit(None, f"{self._run.lease}: {error.strerror}", 0.0)
        self._waiting_text = None
        if lease is None:
            return ProcessExit(None, "stopped before it started", 0.0)
        try:
            process = await TrainerProcess.spawn(self._command, self._run, lease)
        except OSError as error:
            return ProcessExit(None, f"{self._command[0]} cannot be started: {error.strerror}", 0.0)
        finally:
            lease.close()
        self._process = process
        telemetry = Telemetry(self._recorder, self._clock, self._checkpoint_saved)
        self._telemetry = telemetry
        self._recorder.event(
            "trainer.started", f"Trainer started, pid {process.pid}", body={"pid": process.pid}
        )
        self.publish()
        pump = asyncio.create_task(self._pump(process, telemetry), name="trainer reports")
        exited = asyncio.create_task(process.wait(), name="trainer exit")
        kill_reason = await self._watch(process, exited, telemetry)
        code = await exited
        await process.finish(pump)
        self._process = None
        self._requests.failed("the trainer exited before the checkpoint was saved")
        first_s = telemetry.first_progress_s
        return ProcessExit(
            code,
            exits.describe_trainer_exit(code, kill_reason or telemetry.failed),
            0.0 if first_s is None else self._clock().monotonic_s - first_s,
        )

    def _report_waiting(self, pid: int | None) -> None:
        """Show that a dead supervisor's trainer still holds the run's lease."""
        self._waiting_text = "waiting for the previous trainer to save and exit"
        if pid is not None:
            self._waiting_text += f" (pid {pid})"
        self.publish()

    async def _pump(self, process: TrainerProcess, telemetry: Telemetry) -> None:
        async for report in process.reports():
            telemetry.handle(report)
            if isinstance(report, EventReport) and report.name == "checkpoint.failed":
                self._requests.failed(report.text)
            if telemetry.first_progress_s is not None and self.state == "STARTING":
                startup_s = telemetry.first_progress_s - telemetry.started.monotonic_s
                self._recorder.event(
                    "trainer.running",
                    f"Training runs, {startup_s:.1f} s after the trainer's start",
                    body={"pid": process.pid, "startup_s": round(startup_s, 3)},
                )
                self._enter("RUNNING")
            else:
                self.publish()

    async def _watch(
        self, process: TrainerProcess, exited: asyncio.Task[int], telemetry: Telemetry
    ) -> str | None:
        """Wait until the process has exited; returns why it was killed, if it was."""
        stop_requested = asyncio.create_task(self._stop.wait(), name="stop requested")
        # The first heartbeat moves the deadline closer: it must end the wait.
        first = asyncio.create_task(telemetry.first_progress.wait(), name="first progress")
        awaited: set[asyncio.Task[Any]] = {exited, stop_requested, first}
        try:
            while not exited.done():
                now_s = self._clock().monotonic_s
                left_s = self._deadline_s(telemetry) - now_s
                if left_s <= 0.0:
                    return self._kill_hung(process, now_s - telemetry.last_report_s)
                await asyncio.wait(awaited, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
                if first.done():
                    awaited.discard(first)
                if stop_requested.done() and not exited.done():
                    return await self._stop_process(process, exited)
            return None
        finally:
            stop_requested.cancel()
            first.cancel()

    def _deadline_s(self, telemetry: Telemetry) -> float:
        if telemetry.first_progress_s is None:
            return telemetry.started.monotonic_s + self._settings.startup_timeout_s
        return telemetry.last_report_s + self._settings.heartbeat_timeout_s

    def _kill_hung(self, process: TrainerProcess, silent_s: float) -> str:
        self._recorder.event(
            "trainer.hung",
            f"No heartbeat from the trainer for {silent_s:.0f} s: killing it",
            body={"silent_s": round(silent_s, 1)},
        )
        process.kill()
        return f"hung, no heartbeat for {silent_s:.0f} s"

    async def _stop_process(self, process: TrainerProcess, exited: asyncio.Task[int]) -> str | None:
        self._enter("STOPPING")
        process.order(Stop(self._stop_reason))
        timeout_s = self._settings.stop_timeout_s
        await asyncio.wait({exited}, timeout=timeout_s)
        if exited.done():
            return None
        process.kill()
        return f"did not exit within {timeout_s:g} s"

    def _checkpoint_saved(self, saved: CheckpointSaved) -> None:
        self._requests.saved(saved)
        self._on_checkpoint()
