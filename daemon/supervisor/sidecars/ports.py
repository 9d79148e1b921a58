"""Whether a port of loopback is free, and who has it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

HOST = "127.0.0.1"
HIGHEST = 65_535


def ports_from(port: int, spare: int) -> range:
    """A port and so many after it; 0, any free one, has none."""
    return range(port, min(port + spare, HIGHEST) + 1) if port else range(1)


def first_free(ports: Sequence[int]) -> tuple[int | None, str]:
    """The first port on which a server can listen; None and why the first cannot be had."""
    problem = ""
    for port in ports:
        found = port_problem(port)
        if found is None:
            return port, ""
        problem = problem or found
    return None, problem


def port_problem(port: int) -> str | None:
    """Why no server can listen on this port; None where one can, as on port 0 (any free one)."""
    try:
        # Without SO_REUSEPORT: two servers of one user would share the port without an error.
        socket.create_server((HOST, port)).close()
    except OSError as error:
        text = f"{HOST}:{port}: {os.strerror(error.errno or 0)}"
        holder = _holder(port) if error.errno == errno.EADDRINUSE else None
        return f"{text} ({holder})" if holder else text
    return None


def _holder(port: int) -> str | None:
    """The process that listens on a port; None if it is not known, as that of another user."""
    import psutil  # noqa: PLC0415 - only where a port is taken

    try:
        for connection in psutil.net_connections("tcp"):
            ours = connection.laddr and connection.laddr.port == port
            if ours and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f"process {connection.pid}, {psutil.Process(connection.pid).name()}"
    except psutil.Error:
        return None
    return None
