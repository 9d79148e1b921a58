"""What systemd is told, where it started the supervisor (`Type=notify`, sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping

PINGS_PER_TIMEOUT = 3


class SystemdNotifier:
    """Says when the supervisor is ready, alive and ending; silent where nobody listens."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        microseconds = environ.get("WATCHDOG_USEC", "")
        own = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._timeout_s = int(microseconds) / 1e6 if microseconds.isdigit() and own else None

    def ready(self) -> None:
        """All stands."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """The end has begun; the trainer may take its time to save."""
        self._tell("STOPPING=1")

    async def ping(self) -> None:
        """Prove that the event loop turns, until cancelled."""
        while self._timeout_s is not None:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self._timeout_s / PINGS_PER_TIMEOUT)

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        # A leading @ is the abstract name space's zero byte.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.setblocking(False)
            try:
                manager.sendto(text.encode(), address)
            except OSError:
                return  # it has gone, or its queue is full: the next ping tells it
