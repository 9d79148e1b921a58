"""Keeps the exporter for Prometheus served."""

from __future__ import annotations

import asyncio

from daemon.config.schema import SupervisionSettings
from daemon.supervisor.aio.events import set_within
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.process.restart import backoff_s
from daemon.supervisor.sidecars.ports import port_problem
from daemon.supervisor.sidecars.server_record import ServerRecord


class SupervisedExporter:
    """Retries with backoff until the exporter can listen; from then on nothing takes its port."""

    def __init__(
        self, exporter: Exporter, port: int, record: ServerRecord, settings: SupervisionSettings
    ) -> None:
        self._exporter = exporter
        self._port = port
        self._record = record
        self._settings = settings
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Serve, now or once that is possible."""
        self._task = spawn_task(self._serve(), "prometheus", log_error)

    async def stop(self) -> None:
        """Stop serving."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait({self._task})
        await asyncio.to_thread(self._exporter.stop)
        self._record.starts()

    async def _serve(self) -> None:
        tries = 0
        while not self._stop.is_set():
            problem = await asyncio.to_thread(port_problem, self._port)
            if problem is None:
                try:
                    self._record.serves(self._exporter.start())
                except OSError as error:
                    self._record.failed(str(error))
                else:
                    return
            else:
                self._record.has_no_port(problem)
            tries += 1
            await set_within(self._stop, backoff_s(tries, self._settings))
