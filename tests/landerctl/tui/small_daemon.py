"""A control socket that speaks the protocol and gives configured answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from daemon.base.paths import StatePaths
from daemon.protocol.control import Answer, PingRequest, Request, Signed, request_decoder


class SmallDaemon:
    """Sends `answers` to every request until closed.

    `asked` has the received requests, `ways` and `places` from where each came; `asked` is without
    that.
    """

    def __init__(self, paths: StatePaths, answers: Sequence[Answer]) -> None:
        self.asked: list[Request] = []
        self.pings = 0
        self.ways: list[str] = []
        self.places: list[str] = []
        self._answers = answers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(paths.socket))
        self._socket.listen()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.may_answer.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # shut down
                return
            with connection, connection.makefile("rb") as lines:
                asked = request_decoder.decode(lines.readline())
                if isinstance(asked, Signed):
                    self.ways.append(asked.via)
                    self.places.append(asked.place)
                    asked = msgspec.structs.replace(asked, via="command", place="")
                if isinstance(asked, PingRequest):  # the screen asks so when data is old
                    self.pings += 1
                else:
                    self.asked.append(asked)
                self.may_answer.wait()
                with suppress(BrokenPipeError):  # the client has gone
                    for answer in self._answers:
                        connection.sendall(msgspec.json.encode(answer) + b"\n")
