"""What is optional beside training: TensorBoard, metrics for Prometheus, tracking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from daemon.config import Config
from daemon.store.records import ServerStatus
from daemon.supervisor.context import Context
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.sidecars.ports import ports_from
from daemon.supervisor.sidecars.prometheus import SupervisedExporter
from daemon.supervisor.sidecars.server_record import ServerRecord
from daemon.supervisor.sidecars.tensorboard import SupervisedTensorBoard, tensorboard_command
from daemon.supervisor.sidecars.tracking import SupervisedTracker


class Sidecars:
    """The servers that the configuration enables. Training does not depend on them.

    `on_change` receives a server's name and its new status.
    """

    def __init__(
        self,
        config: Config,
        context: Context,
        *,
        exporter: Exporter,
        on_change: Callable[[str, ServerStatus], None],
    ) -> None:
        paths, run, recorder = context.paths, context.run, context.recorder
        self._records: dict[str, ServerRecord] = {}
        self._servers: list[SupervisedTensorBoard | SupervisedExporter] = []
        if config.tensorboard.enabled:
            board = config.tensorboard
            record = self._records["tensorboard"] = ServerRecord("tensorboard", recorder, on_change)
            command = partial(tensorboard_command, run.tensorboard)
            self._servers.append(
                SupervisedTensorBoard(
                    command,
                    ports_from(board.port, board.spare_ports),
                    paths.tensorboard_lease,
                    run.tensorboard_log,
                    settings=config.supervision,
                    record=record,
                )
            )
        if config.prometheus.enabled:
            port = config.prometheus.port
            record = self._records["prometheus"] = ServerRecord("prometheus", recorder, on_change)
            self._servers.append(SupervisedExporter(exporter, port, record, config.supervision))
        self._recorder = recorder
        self._tracker: SupervisedTracker | None = None
        if config.tracking.enabled:
            self._tracker = SupervisedTracker(config.tracking, context, config.supervision)

    @property
    def status(self) -> dict[str, ServerStatus]:
        """The status of each enabled server, by its section in the configuration."""
        return {name: record.status for name, record in self._records.items()}

    @property
    def failing(self) -> int:
        """The number of servers that have a problem."""
        return sum(status.problem is not None for status in self.status.values())

    def metrics(self) -> Mapping[str, float]:
        """The number of servers that fail, and how far behind the tracking is, if enabled."""
        tracking = self._tracker.metrics() if self._tracker is not None else {}
        return {"servers/failing": float(self.failing)} | tracking

    def start(self) -> None:
        """Start them, and keep them up."""
        if self._tracker is not None:
            self._tracker.start()
        else:
            self._recorder.tracking(None)
        for server in self._servers:
            server.start()

    async def stop(self) -> None:
        """Stop them."""
        if self._tracker is not None:
            await self._tracker.stop()
        for server in self._servers:
            await server.stop()
