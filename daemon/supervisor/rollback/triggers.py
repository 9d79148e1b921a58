"""Rollbacks that an alert rule asks for: whether it may, and to which state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.restorable import Restorable, restorables
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config.schema import Rollback
from daemon.protocol.control import Done, Refused
from daemon.rollback.choose import MOST_TRIED, choose
from daemon.rollback.limits import begun, why_not
from daemon.rollback.request import Order
from daemon.rollback.target import LastGood
from daemon.store.async_recorder import Recorder
from daemon.store.reader import StoreError, StoreReader
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

MOST_EVENTS = 1000


class AutomaticRollbacks:
    """Turns an alert into a rollback, or tells why there is none."""

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        backups: Path,
        settings: Callable[[], Rollback],
        *,
        trainer: SupervisedTrainer,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self._paths = paths
        self._run = run
        self._backups = backups
        self._settings = settings
        self._trainer = trainer
        self._recorder = recorder
        self._clock = clock

    async def roll_back(
        self, alert: str, seen: str, carry_out: Callable[[Order], Awaitable[Done | Refused]]
    ) -> None:
        """Roll back because an alert fires; an event tells where that may not or cannot be."""
        order = await self._order(alert, seen)
        if order is None:
            return
        answer = await carry_out(order)
        if isinstance(answer, Refused):
            self._refuse(alert, answer.text)

    async def _order(self, alert: str, seen: str) -> Order | None:
        try:
            reason = await asyncio.to_thread(self._why_not)
            states = [] if reason else await asyncio.to_thread(self._states)
        except (OSError, StoreError) as error:
            reason, states = str(error), []
        if reason is None:
            choice = choose(
                LastGood(),
                states,
                now_s=self._clock().unix_s,
                tolerance=self._settings().success_tolerance,
                without=self._crashed_from(states),
            )
            if choice.candidates:
                ids = [state.id for state in choice.candidates[:MOST_TRIED]]
                return Order(ids, alert, seen, automatic=True)
            reason = "no state of this run is good"
        self._refuse(alert, reason)
        return None

    def _refuse(self, alert: str, reason: str) -> None:
        self._recorder.event(
            "rollback.refused",
            f"{alert} would roll back, but {reason}; look at it, and see `landerctl rollback`",
            body={"alert": alert, "reason": reason},
        )

    def _why_not(self) -> str | None:
        settings, now_s = self._settings(), self._clock().unix_s
        since_s = now_s - max(settings.window_h * 3600.0, settings.cooldown_s)
        with StoreReader.open(self._paths.store) as reader:
            events = reader.events(names=["rollback.started"], since_s=since_s, limit=MOST_EVENTS)
        return why_not(begun(events), now_s, settings)

    def _states(self) -> list[Restorable]:
        return restorables(
            self._run.id,
            list_checkpoints(self._run.checkpoints),
            scan(self._backups, self._run.id),
        )

    def _crashed_from(self, states: list[Restorable]) -> set[str]:
        """The state from which the trainer started before it was given up, and its original."""
        if self._trainer.state != "FATAL":
            return set()
        news = self._trainer.telemetry
        if news is not None and news.hello is not None:
            tried = [state for state in states if state.id == news.hello.resumed_from]
        else:  # it did not come so far as to say
            tried = [state for state in states if state.live][-1:]
        return {id_ for one in tried for id_ in (one.id, one.manifest.restored_from) if id_}
