"""The optional servers beside training: TensorBoard, and metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config
from daemon.store.async_recorder import Recorder
from daemon.store.records import ServerStatus
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.sidecars.ports import ports_from
from daemon.supervisor.sidecars.prometheus import SupervisedExporter
from daemon.supervisor.sidecars.server_record import ServerRecord
from daemon.supervisor.sidecars.tensorboard import SupervisedTensorBoard, tensorboard_command


class Sidecars:
    """The servers that the configuration enables. Training does not depend on them.

    `on_change` receives a server's name and its new status.
    """

    def __init__(
        self,
        config: Config,
        paths: StatePaths,
        run: RunPaths,
        *,
        exporter: Exporter,
        recorder: Recorder,
        on_change: Callable[[str, ServerStatus], None],
    ) -> None:
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

    @property
    def status(self) -> dict[str, ServerStatus]:
        """The status of each enabled server, by its section in the configuration."""
        return {name: record.status for name, record in self._records.items()}

    @property
    def failing(self) -> int:
        """The number of servers that have a problem."""
        return sum(status.problem is not None for status in self.status.values())

    def start(self) -> None:
        """Start them, and keep them up."""
        for server in self._servers:
            server.start()

    async def stop(self) -> None:
        """Stop them."""
        for server in self._servers:
            await server.stop()
