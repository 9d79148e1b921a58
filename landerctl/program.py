"""The command with which the user can call this program."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

NAME = "landerctl"


def program() -> str:
    """The program's name if it is on the PATH, else the path of this call.

    A checkout's virtual environment is usually not on the PATH after `make run`.
    """
    called = Path(sys.argv[0])
    if called.name != NAME or shutil.which(NAME):
        return NAME
    return str(called)
