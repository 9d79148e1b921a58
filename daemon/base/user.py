"""The user of this process."""

from __future__ import annotations

import getpass
import os


def user_name() -> str:
    """The login name, or ``uid 1000`` for a user without one, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
