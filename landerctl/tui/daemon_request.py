"""Requests to the daemon, each sent from its own thread; answers arrive as Textual messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from textual.message import Message

from daemon.base.paths import StatePaths
from daemon.protocol.control import Answer, Note, Refused, Request, Signed
from landerctl.operations.daemon_client import DaemonUnreachableError, request
from landerctl.operations.decision.requests import CloseIncident
from landerctl.operations.sweeps.requests import SweepRequest


@dataclass(frozen=True, eq=False)
class DaemonRequest:
    """A request, and a title for its progress such as ``Backing up``.

    One that needs no daemon is carried out by the screen itself.
    """

    request: Request | CloseIncident | SweepRequest
    title: str


class RequestAnswer(Message):
    """One answer to a request: any number of notes come first, then a final one."""

    def __init__(self, daemon_request: DaemonRequest, answer: Answer) -> None:
        super().__init__()
        self.daemon_request = daemon_request
        self.answer = answer


def send_in_thread(
    daemon_request: DaemonRequest, paths: StatePaths, post: Callable[[Message], bool]
) -> None:
    """Start a daemon thread that sends the request and posts each `RequestAnswer`.

    The thread may end with the program: the daemon finishes a request on its own.
    """
    threading.Thread(
        target=_send, args=(daemon_request, paths, post), name="tui-request", daemon=True
    ).start()


def _send(
    daemon_request: DaemonRequest, paths: StatePaths, post: Callable[[Message], bool]
) -> None:
    asked = daemon_request.request
    if isinstance(asked, CloseIncident):
        # Judging takes a while to import, and the screen opens sooner without it.
        from landerctl.operations.decision.incidents import answer as close  # noqa: PLC0415

        post(RequestAnswer(daemon_request, close(paths, asked)))
        return
    if isinstance(asked, SweepRequest):
        from landerctl.operations.sweeps.from_screen import carry_out  # noqa: PLC0415

        def report(text: str) -> None:
            post(RequestAnswer(daemon_request, Note(text)))

        post(RequestAnswer(daemon_request, carry_out(paths, asked, report)))
        return
    try:
        for answer in request(paths, _from_the_screen(asked)):
            post(RequestAnswer(daemon_request, answer))
    except (DaemonUnreachableError, OSError) as error:
        post(RequestAnswer(daemon_request, Refused("failed", str(error))))


def _from_the_screen(asked: Request) -> Request:
    return msgspec.structs.replace(asked, via="screen") if isinstance(asked, Signed) else asked
