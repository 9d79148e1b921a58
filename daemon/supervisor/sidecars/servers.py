"""The optional servers beside training: TensorBoard, and metrics for Prometheus."""

from __future__ import annotations

import asyncio
import logging

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.sidecars.tensorboard import (
    SupervisedTensorBoard,
    tensorboard_command,
    tensorboard_url,
)

_log = logging.getLogger(__name__)


class Sidecars:
    """The servers that the configuration enables. Training does not depend on them."""

    def __init__(
        self, config: Config, paths: StatePaths, run: RunPaths, exporter: Exporter
    ) -> None:
        self.tensorboard_url: str | None = None
        self._tensorboard: SupervisedTensorBoard | None = None
        if config.tensorboard.enabled:
            port = config.tensorboard.port
            self.tensorboard_url = tensorboard_url(port)
            self._tensorboard = SupervisedTensorBoard(
                tensorboard_command(run.tensorboard, port),
                port,
                paths.tensorboard_lease,
                run.tensorboard_log,
                config.supervision,
            )
        self._exporter = exporter if config.prometheus.enabled else None

    def start(self) -> None:
        """Start them; log a warning for one that cannot start."""
        if self._tensorboard is not None:
            self._tensorboard.start()
        if self._exporter is not None:
            try:
                self._exporter.start()
            except OSError as error:
                _log.warning("%s is not served: %s", self._exporter.url, error)

    async def stop(self) -> None:
        """Stop them."""
        if self._tensorboard is not None:
            await self._tensorboard.stop()
        if self._exporter is not None:
            await asyncio.to_thread(self._exporter.stop)
