"""The start of a training that a test runs in its own process."""

from __future__ import annotations

from collections.abc import Callable

from daemon.base.paths import RunPaths
from daemon.protocol.trainer import Startup
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import training_steps


def quiet_startup(run: RunPaths) -> StartupProgress:
    """Reports to nobody."""
    return startup_of(run, lambda _: None)


def startup_of(run: RunPaths, send: Callable[[Startup], None]) -> StartupProgress:
    """Learns beside the run instead of in the user's cache folder."""
    file = run.folder.parent / "startup.json"
    return StartupProgress("train", training_steps(), send, file=file)
