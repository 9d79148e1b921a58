"""How the user can call this program again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

NAME = "landerctl"


def program() -> str:
    """The program's name where the shell finds it, else the path by which it was called now.

    A checkout's virtual environment is seldom on the PATH of whoever typed `make run`.
    """
    called = Path(sys.argv[0])
    if called.name != NAME or shutil.which(NAME):
        return NAME
    return str(called)
