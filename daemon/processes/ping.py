"""Asks a running daemon how it is: what its lock and its store cannot say.

A frozen supervisor holds its lock too, and the store does not say that it cannot be written.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.processes.control_socket import socket_name
from daemon.protocol.control import CheckRanRequest, Done, PingRequest, answer_decoder
from daemon.store.records import Event

if TYPE_CHECKING:
    import socket

ANSWER_S = 3.0  # a supervisor answers within milliseconds; a loaded machine takes longer
MAX_ANSWER_BYTES = 1 << 20


class Ping(msgspec.Struct, frozen=True):
    """What came of asking."""

    answered: bool | None  # None: nothing listens there, or not for this user
    store_problem: str | None = None  # the store cannot be written or is damaged
    unwritten: list[Event] = []  # events that are not in the store yet


def ping(paths: StatePaths, within_s: float = ANSWER_S) -> Ping:
    """Ask the daemon of a state folder over its control socket."""
    import socket  # noqa: PLC0415 - slow to import: only where there is somebody to ask

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            line = _ask(connection, paths, PingRequest(), monotonic() + within_s)
        except (TimeoutError, BlockingIOError):  # or nobody has accepted the last hundred
            return Ping(False)
        except ConnectionResetError:
            return Ping(True)
        except OSError:
            return Ping(None)
    try:
        answer = answer_decoder.decode(line)
        if not isinstance(answer, Done):
            return Ping(True)
        problem = answer.data.get("store")
        unwritten = msgspec.json.decode(str(answer.data.get("unwritten")), type=list[Event])
    except MALFORMED:
        return Ping(True)  # of another version, or it closed the connection of another user
    return Ping(True, None if problem is None else str(problem), unwritten)


def send(paths: StatePaths, message: CheckRanRequest, within_s: float = ANSWER_S) -> bool:
    """Send a message for which no answer matters; whether a daemon took it in time."""
    import socket  # noqa: PLC0415 - as above

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            return bool(_ask(connection, paths, message, monotonic() + within_s))
        except OSError:
            return False


def _ask(
    connection: socket.socket,
    paths: StatePaths,
    message: PingRequest | CheckRanRequest,
    deadline_s: float,
) -> bytes:
    line = b""
    connection.settimeout(max(deadline_s - monotonic(), 0.001))
    with socket_name(paths.socket) as name:
        connection.connect(name)
    connection.sendall(msgspec.json.encode(message) + b"\n")
    while not line.endswith(b"\n") and len(line) < MAX_ANSWER_BYTES:
        connection.settimeout(max(deadline_s - monotonic(), 0.001))
        chunk = connection.recv(65536)
        if not chunk:
            break
        line += chunk
    return line
