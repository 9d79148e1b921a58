"""The daemon's record in the store: process, configuration, stop reason."""

from __future__ import annotations

import os

import msgspec

from daemon.config import LoadedConfig
from daemon.store.async_recorder import Recorder
from daemon.store.records import DaemonStatus, PluginStatus, ServerStatus


class DaemonRecord:
    """Keeps the record up to date. `started_s`: Unix time."""

    def __init__(
        self,
        loaded: LoadedConfig,
        started_s: float,
        recorder: Recorder,
        plugins: list[PluginStatus],
    ) -> None:
        self._recorder = recorder
        self._status = DaemonStatus(
            pid=os.getpid(),
            started_s=started_s,
            config_path=next(iter(loaded.sources.files), None),
            config_error=None,
            steps_per_s_expected=loaded.config.expected.steps_per_s,
            tensorboard_url=None,
            stopped_s=None,
            stop_reason=None,
            config_sources=loaded.sources,
            plugins=plugins,
        )

    def server(self, name: str, status: ServerStatus) -> None:
        """Record where a server beside the training can be reached."""
        changes: dict[str, object] = {"servers": {**self._status.servers, name: status}}
        if name == "tensorboard":
            changes["tensorboard_url"] = status.url
        self.update(**changes)

    def update(self, **changes: object) -> None:
        """Change fields of the `DaemonStatus`, and record it."""
        self._status = msgspec.structs.replace(self._status, **changes)
        self._recorder.daemon(self._status)
