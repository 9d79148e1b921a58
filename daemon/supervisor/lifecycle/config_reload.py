"""Applies or refuses a changed configuration file, and records which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from daemon.config import Config
from daemon.store.async_recorder import Recorder
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.lifecycle.daemon_record import DaemonRecord
from daemon.supervisor.lifecycle.hot_config import FileRefused, HotConfig, Reloaded
from daemon.supervisor.plugins.register import record_left_out


class ConfigReload:
    """`apply` hands a new configuration to the parts that use it."""

    def __init__(
        self,
        hot: HotConfig,
        apply: Callable[[Config], None],
        *,
        recorder: Recorder,
        record: DaemonRecord,
    ) -> None:
        self._hot = hot
        self._apply = apply
        self._recorder = recorder
        self._record = record
        self._one_at_a_time = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    def reload(self) -> None:
        """Read the file again, in the background; apply it if it is valid."""
        task = spawn_task(self._reload(), "reload", log_error)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _reload(self) -> None:
        async with self._one_at_a_time:
            self._use(await asyncio.to_thread(self._hot.reload))

    def _use(self, outcome: Reloaded | FileRefused) -> None:
        path = " and ".join(map(str, self._hot.watched))
        if isinstance(outcome, FileRefused):
            self._recorder.event(
                "config.refused",
                f"{outcome.error}; the previous settings are kept",
                body={"path": path},
            )
            self._record.update(config_error=outcome.error)
            return
        if not outcome.changed:
            return
        self._apply(outcome.config)
        verb = "is" if len(self._hot.watched) == 1 else "are"
        self._recorder.event(
            "config.reloaded", f"{path} {verb} in force{outcome.delays}", body={"path": path}
        )
        for rule in outcome.left_out:
            record_left_out(self._recorder, rule)
        for fault in outcome.loaded.open_files:
            self._recorder.event("config.secret_file", fault, body={"error": fault})
        self._record.update(
            config_path=next(iter(outcome.loaded.sources.files), None),
            config_sources=outcome.loaded.sources,
            config_error=None,
            steps_per_s_expected=outcome.config.expected.steps_per_s,
        )
