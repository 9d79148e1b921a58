"""A screen in a browser ends with the server that started it, however that one ends."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

GRACE_S = 5.0


def end_with_server() -> None:
    """Quit as by SIGTERM once the other end of standard input is closed; exit if that hangs.

    Textual's web driver, which reads that input, goes on without it.
    """
    threading.Thread(target=_wait, name="server", daemon=True).start()


def _wait() -> None:
    waiting = select.poll()
    waiting.register(0, 0)  # nothing but POLLHUP, which needs no asking
    waiting.poll()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
