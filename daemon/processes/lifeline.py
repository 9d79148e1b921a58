"""A process that ends with the one that started it, known by the end of standard input.

The parent keeps the other end of a pipe: however it dies, the kernel closes it. The kernel's signal
for this, PR_SET_PDEATHSIG, is sent when the parent's *thread* ends.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def end_with_input(end: Callable[[], object]) -> None:
    """Call `end`, in a thread, once standard input is closed. What is written there is ignored."""
    threading.Thread(target=_wait, args=(end,), name="lifeline", daemon=True).start()


def _wait(end: Callable[[], object]) -> None:
    while os.read(0, 1024):
        pass
    end()
