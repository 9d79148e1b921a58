"""Keeps each run's `curves.json` up to date with the samples, which are removed after 30 days."""

from __future__ import annotations

import asyncio
import logging

from daemon.base.paths import RunPaths
from daemon.runs.curves import RunCurves, read_curves, write_curves
from daemon.runs.run_folder import all_runs
from daemon.store.reader import StoreError, StoreReader
from daemon.store.run_curves import caught_up, has_samples
from daemon.supervisor.context import Context

_log = logging.getLogger(__name__)

INTERVAL_S = 600.0


class CurveKeeper:
    """Belongs to the event loop's thread; reads and writes in others. Nothing depends on it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._fault: str | None = None

    async def run(self) -> None:
        """Extend the current run's curves every INTERVAL_S, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.extend()

    async def extend(self) -> None:
        """Extend the current run's curves by what was sampled since. A fault is logged, once."""
        await asyncio.to_thread(self._extend, self._context.run)

    async def catch_up(self) -> None:
        """Extend those of all runs of which the store has samples that a killed daemon left."""
        try:
            runs = await asyncio.to_thread(lambda: list(all_runs(self._context.paths)))
        except OSError as error:
            self._report(f"{error.filename}: {error.strerror}")
            return
        for run in runs:  # a thread each: other threads' work comes in between
            await asyncio.to_thread(self._extend, run)

    def _extend(self, run: RunPaths) -> None:
        try:
            with StoreReader.open(self._context.paths.store) as store:
                if not has_samples(store, run.id):
                    return
                known = read_curves(run) or RunCurves()
                found = caught_up(store, run.id, known, self._context.clock().unix_s)
            if found != known:
                write_curves(run, found)
        except StoreError as error:
            self._report(str(error))
        except OSError as error:
            self._report(f"{error.filename or run.curves}: {error.strerror}")
        else:
            self._fault = None

    def _report(self, fault: str) -> None:
        if fault != self._fault:
            _log.warning("curves are not extended, it is retried: %s", fault)
        self._fault = fault
