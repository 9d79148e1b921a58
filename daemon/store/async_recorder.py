"""Writes to the store from a separate thread, so that a slow disk never delays a heartbeat.

Operations keep their order; queued ones share one transaction. While the store cannot be written
(disk full) they stay queued, at most the newest MAX_WAITING, and are retried with each further
operation.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from daemon.config.schema import Severity
from daemon.protocol.trainer import EpisodesEnded, Progress
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.disk_look import why_unwritable
from daemon.store.history.record import Recorded, StatusHistory
from daemon.store.integrity import find_live_damage
from daemon.store.records import (
    AlertRecord,
    Body,
    ChecklistStatus,
    DaemonStatus,
    Event,
    JudgedLines,
    Notice,
    ResourceStatus,
    RunRecord,
    Silence,
    TrackingStatus,
    TrainerStatus,
)
from daemon.store.reserve import Reserve
from daemon.store.schema import damaged, is_damage
from daemon.store.writer import StoreWriter

_log = logging.getLogger(__name__)
_LEVELS: dict[Severity, int] = {
    "info": logging.INFO,
    "warning": logging.WARNING,
    "critical": logging.CRITICAL,
}

MAX_WAITING = 20_000
FINAL_RECORDS = 100  # records that fit into the reserve
RETENTION_INTERVAL_S = 3600.0
CHECK_INTERVAL_S = 10.0
CHECK_SHARE = 0.01  # of the time, at most, is spent on checking a large store
MAX_UNWRITTEN = 100  # newest events that are kept to be shown
_Operation = Callable[[StoreWriter], object]


@dataclass(frozen=True)
class _AddEvent:
    event: Event

    def __call__(self, writer: StoreWriter) -> None:
        event = self.event
        writer.add_event(
            event.name,
            event.text,
            time_s=event.time_s,
            severity=event.severity,
            run_id=event.run_id,
            body=event.body,
        )


Listener = Callable[[str, Body | None], None]


class Recorder:
    """The supervisor writes to the store only through this. Call from the event loop's thread."""

    def __init__(
        self,
        writer: StoreWriter,
        run_id: str | None,
        clock: Callable[[], float],
        on_event: Listener | None = None,
    ) -> None:
        self._writer = writer
        self._reserve = Reserve(writer.path)
        self._on_event = on_event
        self._run_id = run_id
        self._clock = clock
        self._history = StatusHistory()
        self._waiting: deque[_Operation] = deque(maxlen=MAX_WAITING)
        self._writing: list[_Operation] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._drain_is_due = False
        self._opened = writer.path.stat()
        self._write_fault: str | None = None
        self._damage: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the store cannot be written or is damaged, as one line; None if it is well."""
        return self._write_fault or self._damage

    @property
    def unwritten(self) -> list[Event]:
        """The newest events that are not in the store while it cannot be written; their id is 0."""
        if self._write_fault is None:
            return []
        waiting = [*self._writing, *list(self._waiting)]
        events = [one.event for one in waiting if isinstance(one, _AddEvent)]
        return events[-MAX_UNWRITTEN:]

    def event(
        self, name: str, text: str, *, severity: Severity | None = None, body: Body | None = None
    ) -> None:
        """Record an event of the current run. Raises KeyError for an unknown name."""
        time_s, severity = self._clock(), severity or CATALOGUE[name].severity
        _log.log(_LEVELS[severity], "%s: %s", name, text)
        if self._on_event is not None:
            self._on_event(name, body)
        self._submit(
            _AddEvent(Event(0, time_s, name, severity, self._run_id, text, dict(body or {})))
        )

    def samples(
        self, time_s: float, values: Mapping[str, float], timesteps: int | None = None
    ) -> None:
        """Record samples measured at `time_s` (Unix)."""
        self._submit(lambda writer: writer.add_samples(time_s, values, timesteps))

    def episodes(self, ended: EpisodesEnded) -> None:
        """Record training episodes of the current run that ended."""
        if (run_id := self._run_id) is not None:
            self._submit(lambda writer: writer.add_episodes(run_id, ended))

    def daemon(self, status: DaemonStatus) -> None:
        """Replace the supervisor's snapshot."""
        self._submit(lambda writer: writer.put_daemon(status))
        self._keep("daemon", status)

    def trainer(self, status: TrainerStatus) -> None:
        """Replace the trainer's snapshot."""
        self._submit(lambda writer: writer.put_trainer(status))
        self._keep("trainer", status)

    def progress(self, progress: Progress | None) -> None:
        """Replace the training's snapshot."""
        self._submit(lambda writer: writer.put_progress(progress))
        self._keep("progress", progress)

    def resources(self, status: ResourceStatus) -> None:
        """Replace the resources' snapshot."""
        self._submit(lambda writer: writer.put_resources(status))

    def alerts(self, alerts: list[AlertRecord]) -> None:
        """Replace the list of pending and firing alerts."""
        self._submit(lambda writer: writer.put_alerts(alerts))
        self._keep("alerts", alerts)

    def silences(self, silences: list[Silence]) -> None:
        """Replace the list of silences."""
        self._submit(lambda writer: writer.put_silences(silences))
        self._keep("silences", silences)

    def outbox(self, notices: list[Notice]) -> None:
        """Replace the list of undelivered notices."""
        self._submit(lambda writer: writer.put_outbox(notices))

    def tracking(self, status: TrackingStatus | None) -> None:
        """Replace the tracking's snapshot; None if it is not enabled."""
        self._submit(lambda writer: writer.put_tracking(status))

    def checklist(self, status: ChecklistStatus, of: str, states: dict[str, str]) -> None:
        """Replace the last judgement of the checklist."""
        lines = JudgedLines(of, states)
        self._submit(lambda writer: writer.put_checklist(status, lines))
        self._keep("checklist", status)

    def run(self, run: RunRecord) -> None:
        """Replace the current run's record: a session of this run begins."""
        began_s = self._clock()

        def write(writer: StoreWriter) -> None:
            writer.put_run(run)
            writer.add_session(began_s, run.id)

        self._submit(write)
        self._keep("run", run)

    async def thin_regularly(self, clock_trusted: Callable[[], Awaitable[bool]]) -> None:
        """Apply the store's retention now and every hour, while the clock is trusted."""
        loop = asyncio.get_running_loop()
        while True:
            if await clock_trusted():
                await loop.run_in_executor(self._thread, self._thin, self._clock())
            await asyncio.sleep(RETENTION_INTERVAL_S)

    async def check_regularly(self) -> None:
        """Look for damage in the file now and every CHECK_INTERVAL_S or longer, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            damage = await asyncio.to_thread(find_live_damage, self._writer.path, self._opened)
            if damage != self._damage:
                _log.log(logging.ERROR if damage else logging.INFO, damage or "the store is intact")
            self._damage = damage
            took_s = loop.time() - began_s
            await asyncio.sleep(max(CHECK_INTERVAL_S, took_s / CHECK_SHARE))

    async def flush(self) -> bool:
        """Write everything recorded so far; True if all of it is on the disk, in a sound file."""
        await self._flush()
        return self.problem is None

    async def flush_at_end(self) -> None:
        """Flush; on a full disk use the reserve, if necessary for the last records only."""
        if await self._flush():
            return
        self._reserve.release()
        if await self._flush():
            return
        lost = max(len(self._waiting) - FINAL_RECORDS, 0)
        self._waiting = deque(list(self._waiting)[lost:], maxlen=MAX_WAITING)
        if not await self._flush():
            lost += len(self._waiting)
        _log.error("the store cannot be written at exit: %d records are lost", lost)

    async def close(self) -> None:
        """Flush, and close the store."""
        await self.flush_at_end()
        self._thread.shutdown()
        self._writer.close()

    async def _flush(self) -> bool:
        """Write what waits; True if nothing waits any more."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drain)
        return self._write_fault is None

    def _keep(self, name: str, snapshot: Recorded) -> None:
        """Record what of the snapshot is needed to show this moment later."""
        if rows := self._history.rows(name, snapshot, self._clock()):
            self._submit(lambda writer: writer.add_history(rows))

    def _submit(self, operation: _Operation) -> None:
        self._waiting.append(operation)
        # One pending drain writes everything: with a hanging disk no queue of drains grows.
        if not self._drain_is_due:
            self._drain_is_due = True
            self._thread.submit(self._drain).add_done_callback(_log_fault)

    def _drain(self) -> None:
        """In the thread: write all queued operations."""
        self._drain_is_due = False
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not batch:
            return
        self._writing = batch
        try:
            with self._writer.transaction():
                for operation in batch:
                    operation(self._writer)
        except sqlite3.OperationalError as error:
            self._requeue(batch, error)
        except (sqlite3.Error, OverflowError, UnicodeEncodeError):
            self._write_one_by_one(batch)
        else:
            if self._write_fault:
                _log.warning("the store can be written again")
            self._write_fault = None
            self._reserve.build()
        finally:
            self._writing = []

    def _requeue(self, batch: list[_Operation], error: sqlite3.OperationalError) -> None:
        """The disk is full, locked or failing, maybe temporarily: requeue what fits, in order."""
        self._writing = []
        room = MAX_WAITING - len(self._waiting)
        self._waiting.extendleft(reversed(batch[-room:] if room else []))
        if self._write_fault is None:
            path = self._writer.path
            why = why_unwritable(path.parent)
            what = f"{error} ({why})" if why else str(error)
            self._write_fault = f"{path}: cannot be written: {what}; free space or check the disk"
            _log.error("%s; records are kept in memory", self._write_fault)

    def _thin(self, now_s: float) -> None:
        try:
            self._writer.thin_samples(now_s)
            self._writer.remove_old_events(now_s)
            self._writer.remove_old_episodes(now_s)
            self._writer.thin_history(now_s)
        except sqlite3.Error as error:
            _log.warning("old records could not be removed: %s", error)

    def _write_one_by_one(self, batch: list[_Operation]) -> None:
        """One of the batch can never be written: drop only that one."""
        for number, operation in enumerate(batch):
            try:
                operation(self._writer)
            except sqlite3.OperationalError as error:
                self._requeue(batch[number:], error)
                return
            except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
                if not is_damage(error):
                    _log.exception("dropped a record that the store cannot hold")
                elif self._damage is None:
                    self._damage = str(damaged(self._writer.path, str(error)))
                    _log.error("records are lost: %s", self._damage)
        self._write_fault = None


def _log_fault(drained: Future[None]) -> None:
    if (fault := drained.exception()) is not None:
        _log.error("records were lost", exc_info=fault)
