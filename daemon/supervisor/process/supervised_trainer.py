"""The supervised trainer: start, monitor, restart with backoff, give up, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

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
from daemon.supervisor.process.watch import Watch

_ENDED = frozenset({TrainerExit.COMPLETED, TrainerExit.PAUSED})  # nothing is left to train


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
        self._context = context
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
        self._stop_once_saved: str | None = None  # the reason of a stop that waits for a checkpoint
        self._watch: Watch | None = None
        self.saved_at_stop = True  # or there was nothing to save
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
    def _trained_s(self) -> float | None:
        return self.progress.trained_s if self.progress else None

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
        self.saved_at_stop = True
        self._enter("STARTING")
        self._task = spawn_task(self._supervise(), "trainer", self._on_error)

    async def save_and_stop(self, reason: str) -> None:
        """Have a running trainer save and exit; if it cannot save, training continues.

        Returns once it has saved, or if there is nothing to save, or it does not answer within
        stop_timeout_s. Raises NoTrainerError: it runs on without having saved.
        """
        if self.state != "RUNNING" or self._process is None:
            return
        saved = self._requests.expect("stop")
        self._stop_once_saved = reason
        self._process.continue_()
        self._process.order(Stop(reason, only_if_saved=True))
        try:
            await asyncio.wait_for(saved, self._settings.stop_timeout_s)
        except TimeoutError:
            if self._watch is not None and self._watch.frozen is not None:
                raise NoTrainerError(f"the trainer is frozen ({self._watch.frozen})") from None
        except NoTrainerError:
            if self.state == "RUNNING":
                raise
        finally:
            self._stop_once_saved = None

    async def stop(self, reason: str) -> None:
        """Let the trainer save and exit; kill it after stop_timeout_s. Returns when AT_REST."""
        self._request_stop(reason)
        if self._task is not None:
            await asyncio.shield(self._task)

    def _request_stop(self, reason: str) -> None:
        if not self._stop.is_set():
            self._stop_reason = reason
            self._stop.set()

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
                report_s=telemetry.report_s if telemetry else None,
                frozen=self._watch.frozen if self._watch and self._process else None,
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
            if exit_.code in _ENDED:
                self._complete(exit_)
                return
            if exit_.code in (TrainerExit.STOPPED, TrainerExit.INTERRUPTED):
                delay_s = self._settings.backoff_initial_s
                exits.record_interruption(self._recorder, exit_, delay_s, self._trained_s)
                if await self._back_off(delay_s):
                    return
                continue
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
            exits.record_crash(self._recorder, exit_, verdict.delay_s, self._trained_s)
            if await self._back_off(verdict.delay_s):
                return

    async def _back_off(self, delay_s: float) -> bool:
        """Wait before a restart; True if it was stopped instead."""
        self._restart_at_s = self._clock().unix_s + delay_s
        self._enter("BACKOFF")
        if await set_within(self._stop, delay_s):
            self._enter("STOPPED")
            return True
        self._restarts += 1
        self._enter("STARTING")
        return False

    def _finish_stop(self, exit_: ProcessExit) -> None:
        if self.state != "STOPPING":
            self._enter("STOPPING")
        self.saved_at_stop = exit_.saved
        exits.record_requested_exit(self._recorder, exit_, self._stop_reason, self._trained_s)
        if exit_.code in _ENDED:
            self._complete(exit_)
        else:
            self._enter("STOPPED")

    def _complete(self, exit_: ProcessExit) -> None:
        paused = exit_.code == TrainerExit.PAUSED
        exits.record_completion(self._recorder, self._run, self.progress, paused=paused)
        self._enter("EXITED")

    def _give_up(self, exit_: ProcessExit, verdict: GiveUp) -> None:
        exits.record_crash(self._recorder, exit_, None, self._trained_s)
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
            return exits.never_started(f"{self._run.lease}: {error.strerror}")
        self._waiting_text = None
        if lease is None:
            return exits.never_started("stopped before it started")
        try:
            process = await TrainerProcess.spawn(self._command, self._run, lease)
        except OSError as error:
            return exits.never_started(f"{self._command[0]} cannot be started: {error.strerror}")
        finally:
            lease.close()
        self._process = process
        telemetry = Telemetry(self._recorder, self._clock, self._checkpoint_saved)
        self._telemetry = telemetry
        self._recorder.event(
            "trainer.started", f"Trainer started, pid {process.pid}", body={"pid": process.pid}
        )
        self.publish()
        self._watch = Watch(process, telemetry, self._settings, self._context, self.publish)
        pump = asyncio.create_task(self._pump(process, telemetry), name="trainer reports")
        exited = asyncio.create_task(process.wait(), name="trainer exit")
        killed = await self._watch.until_exit(exited, self._stop, self._begin_stop)
        code = await exited
        await process.finish(pump)
        self._process = None
        self._requests.failed("the trainer exited before the checkpoint was saved")
        first_s = telemetry.first_progress_s
        return exits.trainer_exit(
            code,
            killed=killed,
            failed=telemetry.failed,
            has_saved=telemetry.has_saved_last,
            healthy_s=0.0 if first_s is None else self._clock().monotonic_s - first_s,
        )

    def _begin_stop(self) -> str:
        self._enter("STOPPING")
        return self._stop_reason

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
                kind = report.body.get("kind")
                self._requests.failed(report.text, kind if isinstance(kind, str) else None)
            if telemetry.first_progress_s is not None and self.state == "STARTING":
                startup_s = telemetry.first_progress_s - telemetry.started.monotonic_s
                self._recorder.event(
                    "trainer.running",
                    f"Training runs, {startup_s:.1f} s after the trainer's start",
                    body={
                        "pid": process.pid,
                        "startup_s": round(startup_s, 3),
                        "trained_s": self._trained_s,
                    },
                )
                self._enter("RUNNING")
            else:
                self.publish()

    def _checkpoint_saved(self, saved: CheckpointSaved) -> None:
        self._requests.saved(saved)
        if saved.kind == "stop" and self._stop_once_saved is not None:
            self._request_stop(self._stop_once_saved)
        self._on_checkpoint()
