"""Notifies the targets of [notify] of what happens to a sweep; its trials notify nobody.

The outbox is a file of the sweep: a coordinator that is killed before a delivery leaves it to the
next one, which may notify twice rather than never.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import Callable, Sequence
from threading import Condition, Thread

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.config import ConfigError, find_sources
from daemon.config.schema import NotifySettings, Severity
from daemon.notify.delivery import deliver
from daemon.notify.message import wants
from daemon.notify.outbox import (
    Waiting,
    bounded,
    by_target,
    compose,
    due_s,
    from_records,
    postponed,
    to_records,
)
from daemon.plugins.loading import load_with_plugins
from daemon.store.records import Notice, NoticeKind
from daemon.sweeps.coordinator.work import Clock
from daemon.sweeps.creation import read_sources
from daemon.sweeps.paths import SweepPaths

_log = logging.getLogger("daemon.sweeps.coordinator")
ENDED_S = 60.0  # for what waits when a sweep has ended: no other coordinator will try
STOPPED_S = 5.0


class SweepNotifier:
    """Delivers from a thread of its own: a target that does not answer holds up nothing.

    `settings`: those of the moment, so that a changed configuration counts at once.
    """

    def __init__(
        self, sweep: SweepPaths, settings: Callable[[], NotifySettings | None], clock: Clock
    ) -> None:
        self._sweep, self._settings, self._clock = sweep, settings, clock
        self._outbox = from_records(_read(sweep), clock.monotonic_s())
        self._changed = Condition()
        self._end_s: float | None = None  # monotonic: no delivery begins later
        self._last_tries: set[str] = set()  # targets that were tried since the end began
        self._thread = Thread(target=self._run, name="notify", daemon=True)
        self._thread.start()

    def put(self, kind: NoticeKind, severity: Severity, text: str) -> None:
        """Notify each target that wants this severity, together with what follows within
        [notify] group_wait_s.
        """
        settings = self._settings()
        if settings is None:
            return
        now_s, unix_s = self._clock.monotonic_s(), self._clock.unix_s()
        subject = f"sweep {self._sweep.id}"
        self._keep(
            [
                Waiting(
                    Notice(target.name, kind, subject, severity, text, unix_s),
                    now_s,
                    now_s + settings.group_wait_s,
                )
                for target in settings.targets
                if wants(target, severity)
            ],
            (),
        )

    def close(self, patience_s: float) -> None:
        """Deliver what waits for at most about so long; what is left waits for the next one."""
        with self._changed:
            self._end_s = self._clock.monotonic_s() + patience_s
            self._changed.notify()
        self._thread.join(patience_s)
        if self._outbox:
            _log.warning("%d notices are not delivered", len(self._outbox))

    def _run(self) -> None:
        while (queue := self._next()) is not None:
            self._deliver(queue)

    def _next(self) -> list[Waiting] | None:
        """The next target's due notices, as soon as there are some; None at the end."""
        with self._changed:
            while True:
                now_s, end_s = self._clock.monotonic_s(), self._end_s
                queues = by_target(self._outbox).values()
                if end_s is not None and (not queues or now_s >= end_s):
                    return None
                for queue in queues:
                    target = queue[0].notice.target
                    last = end_s is not None and target not in self._last_tries
                    if last or due_s(queue) <= now_s:
                        if last:
                            self._last_tries.add(target)
                        return queue
                moments = [due_s(queue) for queue in queues]
                if end_s is not None:
                    moments.append(end_s)
                self._changed.wait(min(moments) - now_s if moments else None)

    def _deliver(self, queue: Sequence[Waiting]) -> None:
        name, settings = queue[0].notice.target, self._settings()
        if settings is None:
            self._postpone(queue, math.inf)
            return
        target = next((one for one in settings.targets if one.name == name), None)
        if target is None:
            _log.warning("%s: is no target of [notify] any more: not notified", name)
            self._keep((), queue)
            return
        message = compose([waiting.notice for waiting in queue], settings.title_prefix)
        try:
            fault = asyncio.run(deliver(target, message, settings.timeout_s))
        except OSError as error:  # no descriptor is left, say
            fault = f"its process cannot be started: {error.strerror}"
        if fault is None:
            _log.info("notified %s: %s", name, message.title)
            self._keep((), queue)
            return
        _log.warning("%s was not notified: %s", name, fault)
        self._postpone(queue, 3600.0 * settings.give_up_h)

    def _postpone(self, queue: Sequence[Waiting], give_up_s: float) -> None:
        now_s = self._clock.monotonic_s()
        later = [postponed(waiting, now_s, give_up_s) for waiting in queue]
        self._keep([waiting for waiting in later if waiting is not None], queue)

    def _keep(self, added: Sequence[Waiting], removed: Sequence[Waiting]) -> None:
        with self._changed:
            kept = [waiting for waiting in self._outbox if waiting not in removed]
            self._outbox = bounded([*kept, *added])
            records = to_records(self._outbox, self._clock.monotonic_s())
            try:
                write_atomically(self._sweep.outbox, msgspec.json.encode(records))
            except OSError as error:  # a full disk may be the news
                _log.warning("%s: %s", self._sweep.outbox, error.strerror)
            self._changed.notify()


def current_settings(sweep: SweepPaths) -> NotifySettings | None:
    """[notify] of the configuration that the sweep was begun with, as it is now.

    None: it cannot be read, which the log says.
    """
    try:
        recorded = read_sources(sweep)
        files = [sweep.folder / file for file in recorded.files]
        home = sweep.folder.parents[1]
        found = find_sources(
            files, home, os.environ, settings=recorded.settings, plugins=recorded.plugins
        )
        return load_with_plugins(found).config.notify
    except ConfigError as error:
        _log.warning("nobody can be notified: %s", error)
        return None


def _read(sweep: SweepPaths) -> list[Notice]:
    try:
        return msgspec.json.decode(sweep.outbox.read_bytes(), type=list[Notice])
    except FileNotFoundError:
        return []
    except (OSError, *MALFORMED) as error:
        _log.warning("%s: %s; its notices are lost", sweep.outbox, error)
        return []
