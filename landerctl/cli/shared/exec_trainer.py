"""Handing over to the trainer module, which imports torch and the simulation."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from landerctl.cli.shared.session import Session


def become_trainer(session: Session, arguments: list[str]) -> NoReturn:
    """Replace this process by `python -m daemon.trainer`: output, signals and exit code are its.

    It finds the session's state folder and configuration in its environment.
    """
    environment = os.environ | {"LANDERCTL_HOME": str(session.paths.home)}
    if session.config_file is not None:
        environment["LANDERCTL_CONFIG"] = str(session.config_file)
    # Not through the shell, and the interpreter is the one that runs us.
    os.execve(sys.executable, [sys.executable, "-m", "daemon.trainer", *arguments], environment)
