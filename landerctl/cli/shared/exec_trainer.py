"""Replaces this process by the trainer module, which imports torch and the simulation."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from daemon.base.text.charset import user_charset
from landerctl.cli.shared.session import Session


def become_trainer(session: Session, arguments: list[str]) -> NoReturn:
    """Replace this process by `python -m daemon.trainer`, with its output and exit code.

    The state folder is passed in an environment variable.
    """
    environment = os.environ | {"LANDERCTL_HOME": str(session.paths.home)}
    # Python has set LC_CTYPE to UTF-8 in this process if the locale is C; what follows prints too.
    environment["PYTHONIOENCODING"] = user_charset()
    # The same interpreter, without a shell.
    os.execve(
        sys.executable, [sys.executable, "-P", "-m", "daemon.trainer", *arguments], environment
    )
