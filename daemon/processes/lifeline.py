"""Lets a process end with the one that started it: a pipe whose other end that one holds.

However the parent dies, the kernel closes the pipe. The kernel's signal for this,
PR_SET_PDEATHSIG, is sent when the parent's *thread* ends, and to the child alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def end_with_input(end: Callable[[], object]) -> None:
    """Call `end`, in a thread, once standard input is closed. What is written there is ignored."""
    end_with(0, end)


def end_with(descriptor: int, end: Callable[[], object]) -> None:
    """Call `end`, in a thread, once the other end of this pipe is closed."""
    threading.Thread(target=_wait, args=(descriptor, end), name="lifeline", daemon=True).start()


def _wait(descriptor: int, end: Callable[[], object]) -> None:
    while os.read(descriptor, 1024):
        pass
    end()
