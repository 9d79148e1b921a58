"""Client of the daemon's control socket: one request, then notes and a final answer."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from time import monotonic

import msgspec

from daemon.base.identity import lock_is_held
from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.base.seat import seat
from daemon.base.user import user_name
from daemon.processes.control_socket import socket_name
from daemon.protocol.control import (
    AcknowledgeRequest,
    Answer,
    BackupRequest,
    CheckRanRequest,
    Note,
    PingRequest,
    Request,
    RollbackRequest,
    RunRemovedRequest,
    SendReviewRequest,
    Signed,
    SilenceRequest,
    StopRequest,
    TestNotifyRequest,
    UndoRollbackRequest,
    answer_decoder,
)

CONNECT_TIMEOUT_S = 5.0
# Time-out (s) between two answers of a daemon that works on a request.
SILENCE_S: dict[type[Request], float] = {
    PingRequest: 5.0,
    # Notes arrive every few seconds.
    StopRequest: 30.0,
    # A checkpoint is saved at the end of the next rollout, then copied and verified.
    BackupRequest: 600.0,
    # The trainer saves, exits and starts again; a first start compiles.
    RollbackRequest: 900.0,
    UndoRollbackRequest: 900.0,
    # Answered once it is on disk.
    AcknowledgeRequest: 15.0,
    SilenceRequest: 15.0,
    SendReviewRequest: 15.0,
    RunRemovedRequest: 15.0,
    CheckRanRequest: 5.0,
    TestNotifyRequest: 30.0,  # notes arrive every few seconds
}
MAX_ANSWER_BYTES = 1 << 20
_encoder = msgspec.json.Encoder()


class DaemonUnreachableError(Exception):
    """The daemon did not answer. The message is one line for the user.

    `running`: whether a daemon holds the lock.
    """

    def __init__(self, text: str, *, running: bool) -> None:
        super().__init__(text)
        self.running = running


def request(
    paths: StatePaths, message: Request, *, timeout_s: float | None = None
) -> Iterator[Answer]:
    """Send a request; yield each answer as it arrives; the last one is Done or Refused.

    A request that names who asked is sent with where that one is.
    `timeout_s`: time-out between two answers (s), by default `SILENCE_S`.
    Raises DaemonUnreachableError.
    """
    if timeout_s is None:
        timeout_s = SILENCE_S[type(message)]
    if isinstance(message, Signed):
        place = seat(os.environ, message.user or user_name(os.getuid()))
        message = msgspec.structs.replace(message, place=place)
    with _connect(paths) as connection:
        try:
            connection.sendall(_encoder.encode(message) + b"\n")
        except OSError as error:
            raise _broken(paths, str(error)) from None
        for line in _lines(paths, connection, timeout_s):
            try:
                answer = answer_decoder.decode(line)
            except MALFORMED as error:
                raise _broken(
                    paths, f"cannot parse its answer (another version?): {error}"
                ) from None
            yield answer
            if not isinstance(answer, Note):
                return
    raise _broken(paths, "it closed the connection without a final answer")


def _connect(paths: StatePaths) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIMEOUT_S)
    try:
        with socket_name(paths.socket) as name:
            connection.connect(name)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        connection.close()
        if lock_is_held(paths):
            raise DaemonUnreachableError(
                f"{paths.home}: the daemon runs but does not listen yet; try again in a moment",
                running=True,
            ) from None
        raise DaemonUnreachableError(
            f"{paths.home}: no daemon is running; start one with `landerctl start`", running=False
        ) from None
    except OSError as error:
        connection.close()
        raise _broken(paths, error.strerror or str(error)) from None
    return connection


def _lines(paths: StatePaths, connection: socket.socket, timeout_s: float) -> Iterator[bytes]:
    received = b""
    deadline_s = monotonic() + timeout_s
    while True:
        connection.settimeout(max(0.001, deadline_s - monotonic()))
        try:
            chunk = connection.recv(65536)
        except TimeoutError:
            raise _broken(paths, f"no answer within {timeout_s:g} s") from None
        except OSError as error:
            raise _broken(paths, error.strerror or str(error)) from None
        if not chunk:
            return
        if len(received) + len(chunk) > MAX_ANSWER_BYTES:
            raise _broken(paths, f"its answer is longer than {MAX_ANSWER_BYTES} bytes")
        *lines, received = (received + chunk).split(b"\n")
        for line in lines:
            yield line
            deadline_s = monotonic() + timeout_s


def _broken(paths: StatePaths, what: str) -> DaemonUnreachableError:
    return DaemonUnreachableError(
        f"{paths.socket}: the daemon did not answer: {what}; see {paths.log}",
        running=lock_is_held(paths),
    )
