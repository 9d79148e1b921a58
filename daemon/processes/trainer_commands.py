"""Command lines of the processes that need torch and Basilisk: the trainer and its tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from daemon.base.paths import RunPaths


class TrainerCommands(Protocol):
    """Command lines of a trainer program."""

    def train(self, run: RunPaths) -> Sequence[str]:
        """Train the run."""

    def load_test(self, run: RunPaths, folder: Path) -> Sequence[str]:
        """Load-test a staged state; prints `LoadTest`."""

    def evaluate(self, run: RunPaths, checkpoint: Path) -> Sequence[str]:
        """Evaluate a checkpoint at the difficulty it was saved at; prints `EvaluationResult`."""


class RealTrainer:
    """`python -m daemon.trainer`. `until`: steps at which a training pauses; None: at its end."""

    def __init__(self, until: int | None = None) -> None:
        self._until = until

    _PROGRAM = (sys.executable, "-P", "-m", "daemon.trainer")

    def train(self, run: RunPaths) -> Sequence[str]:
        """Train the run."""
        until = () if self._until is None else ("--until", str(self._until))
        return (*self._PROGRAM, "train", "--run", str(run.folder), *until)

    def load_test(self, run: RunPaths, folder: Path) -> Sequence[str]:
        """Load-test a staged state; prints `LoadTest`."""
        where = ("--run", str(run.folder), "--folder", str(folder))
        return (*self._PROGRAM, "--end-with-input", "load-test", *where)

    def evaluate(self, run: RunPaths, checkpoint: Path) -> Sequence[str]:
        """Evaluate a checkpoint at the difficulty it was saved at; prints `EvaluationResult`."""
        where = ("--run", str(run.folder), "--checkpoint", str(checkpoint))
        return (*self._PROGRAM, "--end-with-input", "evaluate", *where, "--as-saved", "--json")
