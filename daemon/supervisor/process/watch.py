"""Watches one trainer process: kills it when it is hung or does not stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from daemon.config.schema import SupervisionSettings
from daemon.processes.frozen import why_frozen
from daemon.protocol.trainer import PhaseName, Stop
from daemon.supervisor.context import Context
from daemon.supervisor.process.exits import Killed
from daemon.supervisor.process.telemetry import Telemetry
from daemon.supervisor.process.trainer_process import TrainerProcess

LOOK_S = 1.0  # between two looks whether the process is frozen
LISTEN_S = 0.5  # after its time-out a process is hung if nothing arrives within this time
# Before the first of these there is nothing to save, and no order is read.
TRAINING: frozenset[PhaseName | None] = frozenset(
    {"collecting", "learning", "saving", "evaluating", "ending"}
)


class Watch:
    """The watch over one process. `frozen` says why it is frozen, None if it is not."""

    def __init__(
        self,
        process: TrainerProcess,
        telemetry: Telemetry,
        settings: SupervisionSettings,
        context: Context,
        on_change: Callable[[], None],
    ) -> None:
        self.frozen: str | None = None
        self._process = process
        self._telemetry = telemetry
        self._settings = settings
        self._clock = context.clock
        self._recorder = context.recorder
        self._on_change = on_change
        self._seen_frozen: str | None = None  # at the last look
        self._frozen_since_s = self._ran_s = telemetry.last_report_s  # running time

    async def until_exit(
        self, exited: asyncio.Task[int], stop: asyncio.Event, stop_reason: Callable[[], str]
    ) -> Killed | None:
        """Wait until the process has exited; stop it once `stop` is set.

        Returns why it was killed, if it was.
        """
        stop_requested = asyncio.create_task(stop.wait(), name="stop requested")
        listened = False
        try:
            while not exited.done():
                self._look()
                left_s = self._left_s()
                if left_s <= 0.0 and listened:
                    return self._kill_hung()
                # What has arrived is read before the process is judged.
                listened = left_s <= 0.0
                wait_s = LISTEN_S if listened else min(left_s, LOOK_S)
                await asyncio.wait(
                    {exited, stop_requested},
                    timeout=wait_s,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if stop_requested.done() and not exited.done():
                    return await self._stop(exited, stop_reason())
            return None
        finally:
            stop_requested.cancel()

    def _left_s(self) -> float:
        """Time until it counts as hung. Time in which it was frozen does not count."""
        started = self._telemetry.first_progress_s is not None
        settings = self._settings
        limit_s = settings.heartbeat_timeout_s if started else settings.startup_timeout_s
        alive_s = max(self._telemetry.last_report_s, self._ran_s)
        return alive_s + limit_s - self._clock().monotonic_s

    def _look(self) -> None:
        """Notice that the process is frozen, at two looks: a profiler stops it for moments."""
        now_s, why = self._clock().monotonic_s, why_frozen(self._process.pid)
        if why is not None:
            self._ran_s = now_s
        if why is None and self.frozen is not None:
            self.frozen = None
            frozen_s = now_s - self._frozen_since_s
            self._recorder.event(
                "trainer.thawed",
                f"The trainer runs again, after {frozen_s:.0f} s",
                body={"frozen_s": round(frozen_s, 1)},
            )
            self._on_change()
        elif why is not None and self._seen_frozen is None:
            self._frozen_since_s = now_s
        elif why is not None and self.frozen is None:
            self.frozen = why
            self._recorder.event(
                "trainer.frozen",
                f"The trainer is frozen ({why}): training pauses, and it does not count as hung; "
                f"`kill -CONT -- -{self._process.pid}` continues one that a signal stopped",
                body={"why": why},
            )
            self._on_change()
        self._seen_frozen = why

    def _kill_hung(self) -> Killed:
        silent_s = self._clock().monotonic_s - self._telemetry.last_report_s
        self._recorder.event(
            "trainer.hung",
            f"No report from the trainer for {silent_s:.0f} s: killing it",
            body={"silent_s": round(silent_s, 1)},
        )
        self._process.kill()
        return Killed(f"hung, no report for {silent_s:.0f} s")

    async def _stop(self, exited: asyncio.Task[int], reason: str) -> Killed | None:
        telemetry = self._telemetry
        if telemetry.first_progress_s is None and telemetry.phase not in TRAINING:
            self._process.kill()
            return Killed(f"ended while {telemetry.phase or 'starting'}", nothing_to_save=True)
        self._process.continue_()
        self._process.order(Stop(reason))
        timeout_s = self._settings.stop_timeout_s
        await asyncio.wait({exited}, timeout=timeout_s)
        if exited.done():
            return None
        self._process.kill()
        return Killed(f"did not exit within {timeout_s:g} s")
