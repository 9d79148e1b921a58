"""Notifications to systemd if it started the supervisor (`Type=notify`, sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping

PINGS_PER_TIMEOUT = 3


class SystemdNotifier:
    """Reports ready, alive and stopping; does nothing without systemd."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        microseconds = environ.get("WATCHDOG_USEC", "")
        own = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._timeout_s = int(microseconds) / 1e6 if microseconds.isdigit() and own else None

    def ready(self) -> None:
        """Send READY=1."""
        self._send("READY=1")

    def stopping(self) -> None:
        """Send STOPPING=1: the trainer may now take its time to save."""
        self._send("STOPPING=1")

    async def ping(self) -> None:
        """Send WATCHDOG=1 regularly, until cancelled."""
        while self._timeout_s is not None:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self._timeout_s / PINGS_PER_TIMEOUT)

    def _send(self, text: str) -> None:
        if not self._address:
            return
        # A leading @ is the abstract namespace's zero byte.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.setblocking(False)
            try:
                manager.sendto(text.encode(), address)
            except OSError:
                return  # systemd is gone or its queue is full: the next ping is tried
