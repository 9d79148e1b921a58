"""The tracking of a supervisor's run, and of those before it that were not sent to the end."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.secrets.redaction import redact
from daemon.base.text.one_line import one_line
from daemon.config.judging.error import ConfigError
from daemon.runs.run_folder import all_runs, current_run
from daemon.store.schema import StoreError
from daemon.tracking.cursor import Cursor, read_cursor
from daemon.tracking.mapping import ENDED
from daemon.tracking.protocol import Assignment, Report
from daemon.tracking.sending import Sending
from daemon.tracking.server import NotInstalledError, TrackingError, TrackingServer, server_url
from daemon.tracking.tail import Rest

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
FAULTS = (TrackingError, StoreError, ConfigError, OSError)


class Service:
    """Sends again and again what is new. `report` receives how far it is after each try."""

    def __init__(self, assignment: Assignment, report: Callable[[Report], None]) -> None:
        self._assignment = assignment
        self._report = report
        self._paths = StatePaths(Path(assignment.home))
        self._run = self._paths.run(assignment.run_id)
        self._lock = UnixFileLock(self._paths.tracking_lock, timeout=0, mode=0o600)
        self._server: TrackingServer | None = None
        self._current: Sending | None = None
        self._shown = ""  # the server, without credentials
        self._destination = ""
        self._rest = Rest(0, None)
        self._failed = True  # perhaps the process before this one did

    def run(self, stopping: threading.Event) -> None:
        """Send until `stopping` is set, and then once more; with `once` a single time."""
        settings = self._assignment.settings
        failed = 0
        while True:
            last = stopping.is_set() or self._assignment.once
            supervised = self._is_supervised() if self._assignment.once else not last
            report = self._try(supervised=supervised)
            self._report(report)
            if last or report.for_good:
                return
            failed = failed + 1 if report.problem else 0
            retry_s = min(FIRST_RETRY_S * 2.0 ** min(failed - 1, 10), LONGEST_RETRY_S)
            stopping.wait(retry_s if failed else settings.interval_s)

    def _is_supervised(self) -> bool:
        """Whether a daemon, with another process than this, trains the run."""
        current = current_run(self._paths)
        return current is not None and current.id == self._run.id and lock_is_held(self._paths)

    def _try(self, *, supervised: bool) -> Report:
        """Send once."""
        try:
            if not self._lock.is_locked:
                self._lock.acquire()
            self._open()
            assert self._current is not None
            self._rest = self._current.count() if self._failed else self._current.rest()
            server = self._connect()
            self._current.send(server, supervised=supervised, on_batch=self._progressed)
            self._failed = False
            self._rest = self._current.rest()
            for other in self._unfinished():
                other.count()
                other.send(server, supervised=False, on_batch=lambda samples: self._progressed(0))
        except Timeout:
            text = f"{self._paths.home}: another process sends from this state folder"
            return self._report_of(text, busy=True)
        except FAULTS as error:
            self._server = None  # the file with its URL is read again
            self._failed = True
            self._count_unsent()
            text = one_line(redact(str(error)))
            return self._report_of(text, for_good=isinstance(error, NotInstalledError))
        return self._report_of()

    def _count_unsent(self) -> None:
        with suppress(StoreError, OSError):  # what is reported already
            if self._current is not None:
                self._rest = self._current.count()

    def _open(self) -> None:
        settings = self._assignment.settings
        if self._current is None:
            url = server_url(settings)
            scheme, _, place = url.partition("://")
            host, slash, path = place.partition("/")
            place = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}".rstrip("/")
            text = f"{place} {settings.experiment}"
            self._destination = hashlib.sha256(text.encode()).hexdigest()[:16]
            self._shown = redact(url).rstrip("/")
            self._current = self._sending(self._run)

    def _connect(self) -> TrackingServer:
        if self._server is None:
            settings = self._assignment.settings
            url = server_url(settings)
            self._server = TrackingServer(url, settings.experiment, settings.timeout_s)
        return self._server

    def _sending(self, run: RunPaths) -> Sending:
        return Sending(
            self._assignment.settings,
            self._paths,
            run,
            destination=self._destination,
            clock=time.time,
        )

    def _unfinished(self) -> Iterator[Sending]:
        """Other runs that were begun to be sent to this destination, and whose end was not."""
        for run in all_runs(self._paths) if not self._assignment.once else ():
            if run.id == self._run.id or not run.tracking.exists():
                continue
            cursor = read_cursor(run, self._destination)
            if cursor != Cursor(destination=self._destination) and (cursor.status not in ENDED):
                yield self._sending(run)

    def _progressed(self, samples: int) -> None:
        self._rest = replace(self._rest, count=max(0, self._rest.count - samples))
        self._report(self._report_of(unfinished=True))

    def _report_of(
        self,
        problem: str = "",
        *,
        for_good: bool = False,
        busy: bool = False,
        unfinished: bool = False,
    ) -> Report:
        cursor = self._current.cursor if self._current is not None else None
        return Report(
            self._shown,
            sent=cursor.sent if cursor else 0,
            lost=cursor.lost if cursor else 0,
            lost_before=self._current.lost_before if self._current is not None else 0,
            behind=self._rest.count,
            since_s=self._rest.since_s,
            problem=problem,
            for_good=for_good,
            busy=busy,
            unfinished=unfinished,
        )
