"""`python -m daemon.sweeps.coordinator FOLDER`: carries a sweep out until all trials have ended.

SIGTERM and SIGINT: every trial saves and ends, and can be continued. However this process ends, its
trials end with it.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from daemon.base.exitcodes import CoordinatorExit
from daemon.base.files import open_log
from daemon.base.secrets.redacted_log import RedactingFormatter, redact_tracebacks
from daemon.base.standard_streams import hold_standard_streams
from daemon.config import ConfigError
from daemon.processes.signals import survive_signals
from daemon.sweeps.coordinator.book import Book
from daemon.sweeps.coordinator.lock import CoordinatorRunsError, take_lock
from daemon.sweeps.coordinator.loop import Coordinator
from daemon.sweeps.coordinator.notifying import (
    ENDED_S,
    STOPPED_S,
    SweepNotifier,
    current_settings,
)
from daemon.sweeps.coordinator.work import Clock, Notify, StuckError, Work
from daemon.sweeps.creation import read_base, read_spec
from daemon.sweeps.engines.engine import Engine, EngineError
from daemon.sweeps.engines.local.engine import LocalEngine
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.scheduling.make import make_scheduler
from daemon.sweeps.search.error import SearchError
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError

_log = logging.getLogger("daemon.sweeps.coordinator")
POLL_S = 2.0
MakeEngine = Callable[[SweepPaths, SweepSpec, str | None], Engine]


def _local(sweep: SweepPaths, spec: SweepSpec, _address: str | None) -> Engine:
    return LocalEngine(sweep, spec)


def _ray(sweep: SweepPaths, spec: SweepSpec, address: str | None) -> Engine:
    # Ray is an extra, and heavy.
    module = importlib.import_module("daemon.sweeps.engines.ray.engine")
    engine: Engine = module.RayEngine(sweep, spec, address)
    return engine


ENGINES: Mapping[str, MakeEngine] = {"local": _local, "ray": _ray}

FAULTS: Mapping[type[Exception], CoordinatorExit] = {
    EngineError: CoordinatorExit.FAILED,
    OSError: CoordinatorExit.FAILED,
    ConfigError: CoordinatorExit.CONFIG,
    SearchError: CoordinatorExit.CONFIG,
    StuckError: CoordinatorExit.STUCK,
    SweepStoreError: CoordinatorExit.CANNOT_SAVE,
}


def main(argv: Sequence[str] | None = None, engines: Mapping[str, MakeEngine] = ENGINES) -> int:
    """Carry a sweep out; returns the exit code."""
    hold_standard_streams()
    parser = argparse.ArgumentParser(
        prog="python -m daemon.sweeps.coordinator", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="the sweep's folder")
    parser.add_argument("--engine", choices=sorted(engines), default=next(iter(engines)))
    parser.add_argument("--address", help="of the Ray cluster")
    parser.add_argument("--foreground", action="store_true", help="log to standard error")
    parser.add_argument("--poll-s", type=float, default=POLL_S, help="seconds between two looks")
    options = parser.parse_args(argv)
    survive_signals()
    os.umask(0o077)
    redact_tracebacks()
    sweep = SweepPaths(options.folder.absolute())
    try:
        lease = take_lock(sweep)
    except (CoordinatorRunsError, OSError) as error:
        print(_text(error), file=sys.stderr)
        return CoordinatorExit.FAILED
    try:
        handler = logging.StreamHandler()  # to standard error, wherever that leads
        handler.setFormatter(RedactingFormatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler])
        notifier = SweepNotifier(sweep, lambda: current_settings(sweep), Clock())
        make = engines[options.engine]

        def coordinate() -> CoordinatorExit:
            if not options.foreground:
                _redirect_output(sweep.log)
            return _coordinate(
                sweep,
                lambda spec: make(sweep, spec, options.address),
                options.poll_s,
                notifier.put,
            )

        code = _guarded(coordinate, sweep, notifier.put)
        notifier.close(STOPPED_S if code is CoordinatorExit.STOPPED else ENDED_S)
        return code
    finally:
        lease.close()


def _guarded(
    coordinate: Callable[[], CoordinatorExit], sweep: SweepPaths, notify: Notify
) -> CoordinatorExit:
    """The exit code; what ends it too early is in the log, and the user is notified."""
    try:
        return coordinate()
    except tuple(FAULTS) as error:
        text = _text(error)
        _log.error("%s", text)
        again = f"`landerctl sweep resume {sweep.id}` tries again"
        notify("firing", "critical", f"its coordinator ended: {text}; {again}")
        return next(code for kind, code in FAULTS.items() if isinstance(error, kind))


def _text(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _coordinate(
    sweep: SweepPaths, make: Callable[[SweepSpec], Engine], poll_s: float, notify: Notify
) -> CoordinatorExit:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not in the handler: it may have interrupted the wait, which holds the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
    spec, base = read_spec(sweep), read_base(sweep)
    with SweepStore.open(sweep.store, write=True) as store:
        book = Book(store)
        work = Work(
            sweep=sweep,
            spec=spec,
            base=base,
            scheduler=make_scheduler(spec),
            engine=make(spec),
            free_gb=lambda: shutil.disk_usage(sweep.folder).free / 1e9,
            notify=notify,
        )
        ended = Coordinator(work, book).run(stop.wait, poll_s)
    return CoordinatorExit.ENDED if ended else CoordinatorExit.STOPPED


def _redirect_output(path: Path) -> None:
    """Append standard output and standard error to the log. Raises OSError."""
    descriptor = open_log(path, "the coordinator")
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
