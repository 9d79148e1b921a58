"""The commands that the supervisor starts: the trainer, and what else takes torch and Basilisk."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from daemon.base.paths import RunPaths


class TrainerCommands(Protocol):
    """Command lines of the trainer's program."""

    def train(self, run: RunPaths) -> Sequence[str]:
        """Train the run."""

    def load_test(self, run: RunPaths, folder: Path) -> Sequence[str]:
        """Print a `LoadTest` of a staged state."""

    def evaluate(self, run: RunPaths, checkpoint: Path) -> Sequence[str]:
        """Print a checkpoint's `EvaluationResult`, flown as it was saved:
        at its difficulty.
        """


class RealTrainer:
    """`python -m daemon.trainer`."""

    _PROGRAM = (sys.executable, "-m", "daemon.trainer")

    def train(self, run: RunPaths) -> Sequence[str]:
        """Train the run."""
        return (*self._PROGRAM, "train", "--run", str(run.folder))

    def load_test(self, run: RunPaths, folder: Path) -> Sequence[str]:
        """Print a `LoadTest` of a staged state."""
        where = ("--run", str(run.folder), "--folder", str(folder))
        return (*self._PROGRAM, "--end-with-input", "load-test", *where)

    def evaluate(self, run: RunPaths, checkpoint: Path) -> Sequence[str]:
        """Print a checkpoint's `EvaluationResult`, flown as it was saved:
        at its difficulty.
        """
        where = ("--run", str(run.folder), "--checkpoint", str(checkpoint))
        return (*self._PROGRAM, "--end-with-input", "evaluate", *where, "--as-saved", "--json")
