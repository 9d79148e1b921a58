"""The control socket's client against a socket that answers, hangs, or sends invalid data."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.protocol.control import Done, Note, PingRequest, Refused, request_decoder
from landerctl.operations.daemon_client import DaemonUnreachableError, request
from tests.landerctl.operator_side import lock_held


@pytest.fixture
def paths(short_folder: Path) -> StatePaths:
    return StatePaths(short_folder)


@contextmanager
def answering(paths: StatePaths, *pieces: bytes, hang: bool = False) -> Iterator[list[bytes]]:
    """A server for one connection; yields the list of received requests."""
    asked: list[bytes] = []
    over = threading.Event()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(paths.socket))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(65536))
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    connection.sendall(piece)
            if hang:
                over.wait(30)

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield asked
    finally:
        over.set()
        server.join()
        listener.close()


def line(answer: Note | Done | Refused) -> bytes:
    return msgspec.json.encode(answer) + b"\n"


def test_notes_arrive_as_sent_and_the_answer_is_last(paths: StatePaths) -> None:
    sent = line(Note("one")) + line(Note("two")) + line(Done("all", {"id": "x"}))
    # Split within lines, as a stream may be.
    with answering(paths, sent[:10], sent[10:70], sent[70:]) as asked:
        answers = list(request(paths, PingRequest(), timeout_s=5.0))
    assert answers == [Note("one"), Note("two"), Done("all", {"id": "x"})]
    assert request_decoder.decode(asked[0]) == PingRequest()


def test_a_refusal_is_an_answer(paths: StatePaths) -> None:
    refusal = Refused("busy", "a rollback is running; try again")
    with answering(paths, line(refusal)):
        assert list(request(paths, PingRequest(), timeout_s=5.0)) == [refusal]


def test_no_daemon(paths: StatePaths) -> None:
    with pytest.raises(DaemonUnreachableError, match="no daemon is running") as caught:
        list(request(paths, PingRequest(), timeout_s=5.0))
    assert not caught.value.running


def test_the_socket_of_a_dead_daemon(paths: StatePaths) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(paths.socket))
    left.close()
    with pytest.raises(DaemonUnreachableError, match="no daemon is running"):
        list(request(paths, PingRequest(), timeout_s=5.0))
    with lock_held(paths.home), pytest.raises(DaemonUnreachableError, match="yet") as caught:
        list(request(paths, PingRequest(), timeout_s=5.0))
    assert caught.value.running


@pytest.mark.parametrize(
    ("pieces", "hang", "words"),
    [
        ((), False, "without a final answer"),
        ((line(Note("x")),), False, "without a final answer"),
        ((line(Note("x")),), True, "no answer within 0.2 s"),
        ((b'{"type":"news"}\n',), False, "another version"),
        ((b"x" * (2 << 20),), False, "longer than"),
    ],
)
def test_an_invalid_answer_is_a_one_line_error(
    paths: StatePaths, pieces: tuple[bytes, ...], hang: bool, words: str
) -> None:
    with (
        answering(paths, *pieces, hang=hang),
        pytest.raises(DaemonUnreachableError, match=words) as caught,
    ):
        list(request(paths, PingRequest(), timeout_s=0.2))
    assert len(str(caught.value).splitlines()) == 1
