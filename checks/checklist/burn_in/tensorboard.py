"""Whether TensorBoard has everything: its event files, and what the server answers over HTTP."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from checks.checklist.burn_in.evidence import BoardAnswer
from checks.checklist.burn_in.sessions import Session
from daemon.base.malformed import MALFORMED

ANSWER_S = 2.0  # a busy machine answers within a tenth of this
MOST_BYTES = 1 << 20  # it answers with at most a thousand points
WRITTEN_S = 180.0  # the trainer's writer flushes every two minutes
_TAG = "time/trained_s"
_SCALARS = f"/data/plugin/scalars/scalars?run=.&tag={_TAG}"
# events.out.tfevents.<created>.<host>.<pid>.<number>
_FILE = re.compile(r"^events\.out\.tfevents\.\d+\..+\.(?P<pid>\d+)\.\d+$")


def ask_tensorboard(url: str, trained_s: float | None) -> BoardAnswer:
    """Ask a server for its newest training time; `trained_s`: that of the newest heartbeat."""
    began_s = time.monotonic()
    try:
        points = msgspec.json.decode(_get(url, _SCALARS), type=list[tuple[float, int, float]])
    except TimeoutError:
        return BoardAnswer("silent", f"{url} did not answer within {ANSWER_S:g} s")
    except (OSError, ValueError, *MALFORMED) as error:
        return BoardAnswer("silent", f"{url}: {error or type(error).__name__}")
    took_ms = round(1000.0 * (time.monotonic() - began_s))
    if not points:
        return BoardAnswer("silent", f"{url} answers, but has no scalar {_TAG} of the run")
    lag_s = None if trained_s is None else trained_s - points[-1][2]
    return BoardAnswer("answers", f"{url} answered in {took_ms} ms", lag_s)


def _get(url: str, path: str) -> bytes:
    """The body of an answer to GET, with a time-out for the whole. Raises OSError and ValueError.

    http.client would load TLS and the parser of e-mails, 8 MB, into whatever judges.
    """
    address = urlsplit(url)
    deadline_s = time.monotonic() + ANSWER_S
    request = f"GET {path} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), ANSWER_S) as server:
        server.sendall(request.encode())
        answer = b""
        while len(answer) < MOST_BYTES:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0.0:
                raise TimeoutError
            server.settimeout(left_s)
            received = server.recv(1 << 16)
            if not received:
                break
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.partition(b"\r\n")[0].decode("latin-1")
    if status.split()[1:2] != ["200"]:
        raise ValueError(f"it answers {status or 'nothing'!r}")
    return body


def unwritten_session(folder: Path, sessions: Iterable[Session]) -> str:
    """The first session that the event files in a folder do not cover, as text; else empty.

    Each trainer writes files of its own, with its process id, until it ends.
    """
    written: dict[int, list[float]] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if found := _FILE.match(entry.name):
                    written.setdefault(int(found["pid"]), []).append(entry.stat().st_mtime)
    except OSError as error:
        return f"{folder}: {os.strerror(error.errno or 0)}"
    for session in sessions:
        if session.trained_s <= WRITTEN_S:
            continue  # it may have ended before its file was due
        began = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.began_s))
        # Process ids may return: the session's file is one that was written at its end.
        times = [one - session.ended_s for one in written.get(session.pid or -1, [])]
        if not times:
            return f"no event file of the session of {began}"
        if max(times) < -WRITTEN_S:
            return f"the event file of the session of {began} ends before it"
    return ""
