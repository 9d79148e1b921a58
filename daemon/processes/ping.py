"""Asks a running daemon how it is: what the store cannot say while it cannot be written."""

from __future__ import annotations

import socket
from time import monotonic

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.protocol.control import Done, PingRequest, answer_decoder
from daemon.store.records import Event

TIMEOUT_S = 2.0
MAX_ANSWER_BYTES = 1 << 20


class Alive(msgspec.Struct, frozen=True):
    """A daemon's answer."""

    store_problem: str | None  # the store cannot be written or is damaged
    unwritten: list[Event]  # events that are not in the store yet


def ping(paths: StatePaths, timeout_s: float = TIMEOUT_S) -> Alive | None:
    """The answer of the daemon of a state folder; None without one within `timeout_s`."""
    deadline_s, line = monotonic() + timeout_s, b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(paths.socket))
            connection.sendall(msgspec.json.encode(PingRequest()) + b"\n")
            while not line.endswith(b"\n") and len(line) < MAX_ANSWER_BYTES:
                connection.settimeout(max(deadline_s - monotonic(), 0.001))
                chunk = connection.recv(65536)
                if not chunk:
                    return None
                line += chunk
        except OSError:
            return None
    try:
        answer = answer_decoder.decode(line)
        if not isinstance(answer, Done):
            return None
        problem = answer.data.get("store")
        unwritten = msgspec.json.decode(str(answer.data.get("unwritten")), type=list[Event])
    except MALFORMED:
        return None  # of another version
    return Alive(None if problem is None else str(problem), unwritten)
