"""Handing over to the trainer module, which imports torch and the simulation."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def become_trainer(arguments: list[str]) -> NoReturn:
    """Replace this process by `python -m daemon.trainer`: output, signals and exit code are its."""
    # Not through the shell, and the interpreter is the one that runs us.
    os.execv(sys.executable, [sys.executable, "-m", "daemon.trainer", *arguments])
