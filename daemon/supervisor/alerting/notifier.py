"""Delivers notices, each by a process of its own with a deadline; what fails waits in the outbox.

The outbox is in the store: it survives the supervisor. A notice leaves it once it is delivered, so
that a supervisor that is killed in between notifies twice rather than never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from daemon.base.text.counted import counted
from daemon.config.schema import NotifySettings, NotifyTarget
from daemon.notify.delivery import PluginAccount, deliver
from daemon.notify.message import Message
from daemon.notify.outbox import (
    Waiting,
    at_once,
    bounded,
    by_target,
    compose,
    due_s,
    from_records,
    postponed,
    to_records,
)
from daemon.store.async_recorder import Recorder
from daemon.store.records import Notice
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.aio.events import set_within
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.alerting.notices import urgent_notices

IDLE_S = 3600.0
FINISH_S = 5.0  # for the deliveries under way when the supervisor ends


class Notifier:
    """Delivers what is put into its outbox. Each target has its own queue: none waits for another.

    A target gets one message at a time, by a task of its own.
    """

    def __init__(
        self,
        settings: NotifySettings,
        *,
        recorder: Recorder,
        clock: Clock,
        plugins: PluginAccount | None = None,
        outbox: Iterable[Notice] = (),
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._clock = clock
        self._plugins = plugins
        self._outbox = from_records(outbox, clock().monotonic_s)
        self._deliveries: dict[str, asyncio.Task[None]] = {}  # under way, by target
        self._changed = asyncio.Event()
        self._ending = False

    @property
    def waiting(self) -> int:
        """Notices that are not delivered yet."""
        return len(self._outbox)

    def put(self, notices: Sequence[Waiting]) -> None:
        """Deliver these when they are due."""
        if notices:
            self._keep([*self._outbox, *notices])
            self._changed.set()

    def put_urgent(self, alert: str, text: str) -> None:
        """Notify every target at once, by no rule: this daemon stops."""
        self.put(urgent_notices(alert, text, self._settings, self._clock()))

    def reconfigure(self, settings: NotifySettings) -> None:
        """Use other targets from now on, and try at once what they did not take."""
        self._settings = settings
        self._outbox = at_once(self._outbox, self._clock().monotonic_s)
        self._changed.set()

    async def deliver(self, target: NotifyTarget, message: Message) -> str | None:
        """Notify a target at once; None, or why that failed."""
        return await deliver(target, message, self._settings.timeout_s, self._plugins)

    async def run(self) -> None:
        """Begin each delivery when it is due, until cancelled or finished."""
        while not self._ending:
            now_s = self._clock().monotonic_s
            next_s = now_s + IDLE_S
            for name, notices in by_target(self._outbox).items():
                if name in self._deliveries:
                    continue
                if (at_s := due_s(notices)) <= now_s:
                    work = self._serve(name, notices)
                    self._deliveries[name] = spawn_task(work, f"notify {name}", log_error)
                else:
                    next_s = min(next_s, at_s)
            await set_within(self._changed, next_s - now_s)
            self._changed.clear()

    async def finish(self, running: asyncio.Task[None]) -> None:
        """End `running`, the task of `run`, after the deliveries under way: what is cancelled may
        arrive twice. The next supervisor retries what takes longer than FINISH_S."""
        self._ending = True
        self._changed.set()
        tasks = {running, *self._deliveries.values()}
        await asyncio.wait(tasks, timeout=FINISH_S)
        for task in tasks:
            task.cancel()

    async def _serve(self, name: str, notices: list[Waiting]) -> None:
        """Deliver a target's notices, and let `run` look at its queue again.

        Not after a fault of this program: a target that always meets it would be tried without end.
        """
        await self._notify(name, notices)
        del self._deliveries[name]
        self._changed.set()

    async def _notify(self, name: str, notices: list[Waiting]) -> None:
        target = next((t for t in self._settings.targets if t.name == name), None)
        if target is None:
            self._drop(notices, f"there is no target {name!r} in notify.targets any more")
            return
        message = compose([waiting.notice for waiting in notices], self._settings.title_prefix)
        fault = await self.deliver(target, message)
        if fault is None:
            self._keep([waiting for waiting in self._outbox if waiting not in notices])
            alerts = ", ".join(dict.fromkeys(waiting.notice.alert for waiting in notices))
            self._recorder.event(
                "notify.sent", f"Notified {name}: {alerts}", body={"target": name, "alerts": alerts}
            )
            return
        now_s, give_up_s = self._clock().monotonic_s, 3600.0 * self._settings.give_up_h
        later = {waiting: postponed(waiting, now_s, give_up_s) for waiting in notices}
        kept = [later.get(waiting, waiting) for waiting in self._outbox]
        if all(waiting.notice.tries == 0 for waiting in notices):
            self._recorder.event(
                "notify.failed",
                f"Notification failed: {name}: {fault}; will retry",
                body={"target": name, "error": fault},
            )
        self._keep([waiting for waiting in kept if waiting is not None])
        if lost := [waiting for waiting, after in later.items() if after is None]:
            self._drop(lost, f"none to {name} succeeded for {self._settings.give_up_h:g} h")

    def _drop(self, notices: list[Waiting], why: str) -> None:
        self._keep([waiting for waiting in self._outbox if waiting not in notices])
        self._recorder.event(
            "notify.dropped",
            f"{counted(len(notices), 'notice')} not delivered: {why}",
            body={"target": notices[0].notice.target, "count": len(notices)},
        )

    def _keep(self, notices: list[Waiting]) -> None:
        self._outbox = bounded(notices)
        self._recorder.outbox(to_records(self._outbox, self._clock().monotonic_s))
