"""The start of a training that a test runs in its own process."""

from __future__ import annotations

from daemon.base.paths import RunPaths
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import training_steps


def quiet_startup(run: RunPaths) -> StartupProgress:
    """Reports to nobody, and learns beside the run instead of in the user's cache folder."""
    file = run.folder.parent / "startup.json"
    return StartupProgress("train", training_steps(), lambda _: None, file=file)
