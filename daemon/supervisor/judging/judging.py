"""Has the checklist judged at an interval, and records which lines turned.

The checklist is built on the daemon, so a process of its own judges it: `checks.checklist`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from daemon.config.schema import ChecklistSettings
from daemon.protocol.checklist import Judged, Turned
from daemon.store.records import ChecklistStatus
from daemon.supervisor.aio.light_child import LightChildError, LightChildren
from daemon.supervisor.context import Context
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

_log = logging.getLogger(__name__)

MODULE = "checks.checklist.judging.judge_home"
SETTLE_S = 60.0  # a training that has just begun is not slowed down
POLL_S = 1.0
MOST_EVENTS = 10  # lines named one by one; a new run turns a hundred at once
RECORDED_S = 3600.0  # samples that have not changed are recorded at this interval


class Judging:
    """Judges regularly. Belongs to the event loop's thread."""

    def __init__(
        self,
        context: Context,
        children: LightChildren,
        trainer: SupervisedTrainer,
        settings: Callable[[], ChecklistSettings],
    ) -> None:
        self._home = context.paths.home
        self._clock = context.clock
        self._recorder = context.recorder
        self._children = children
        self._trainer = trainer
        self._settings = settings
        self._settled_pid: int | None = -1  # of the trainer whose start is over
        self._problem = ""
        self._recorded: dict[str, float] = {}
        self._recorded_s = 0.0
        self.metrics: dict[str, float] = {}  # the newest value of each

    async def run(self) -> None:
        """Judge until cancelled."""
        while True:
            await self._settle()
            arguments = ["--home", str(self._home)]
            try:
                self._record(await self._children.ask(MODULE, arguments, Judged))
            except LightChildError as error:
                _log.warning("the checklist was not judged: %s", error)
            await asyncio.sleep(self._settings().interval_s)

    async def _settle(self) -> None:
        """Wait until the start of the trainer is over."""
        while self._trainer.pid != self._settled_pid:
            while self._trainer.state == "STARTING":
                await asyncio.sleep(POLL_S)
            self._settled_pid = self._trainer.pid
            await asyncio.sleep(min(SETTLE_S, self._settings().interval_s))

    def _record(self, judged: Judged) -> None:
        for one in judged.turned[:MOST_EVENTS]:
            self._turned(f"{one.id}: {one.before} -> {one.now}: {one.text}", one, one.worse)
        if rest := judged.turned[MOST_EVENTS:]:
            text = f"{len(rest)} more lines turned, such as {rest[0].id}: now {rest[0].now}"
            self._turned(text, rest[0], any(one.worse for one in rest))
        if judged.problem and judged.problem != self._problem:
            self._recorder.event(
                "checklist.refused",
                f"The checklist's evidence is refused: {judged.problem}",
                body={"problem": judged.problem},
            )
        self._problem = judged.problem
        status = ChecklistStatus(
            time_s=judged.time_s,
            holds=judged.count("holds"),
            fails=judged.count("fails"),
            open=judged.count("open"),
            stale=judged.count("stale"),
            not_applicable=judged.count("does not apply"),
            problem=judged.problem,
            burn_in_h=judged.burn_in_h,
            burn_in_needed_h=judged.burn_in_needed_h,
        )
        self._recorder.checklist(status, judged.of, judged.states)
        self._sample(status)

    def _turned(self, text: str, line: Turned, worse: bool) -> None:
        body = {"line": line.id, "before": line.before, "now": line.now}
        self._recorder.event(
            "checklist.turned", text, severity="warning" if worse else "info", body=dict(body)
        )

    def _sample(self, status: ChecklistStatus) -> None:
        self.metrics = status.samples()
        now = self._clock()
        if self.metrics != self._recorded or now.monotonic_s - self._recorded_s >= RECORDED_S:
            self._recorder.samples(now.unix_s, self.metrics)
            self._recorded, self._recorded_s = self.metrics, now.monotonic_s
