"""Requests to the daemon, each in a thread of its own; answers come back as messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from daemon.base.paths import StatePaths
from daemon.protocol.control import Answer, Refused, Request
from landerctl.operations.daemon_client import DaemonUnreachableError, request


@dataclass(frozen=True, eq=False)
class Errand:
    """A request and what it does, in words such as ``Backing up``."""

    request: Request
    doing: str


class ErrandNews(Message):
    """An answer: any number of notes, then one that is final."""

    def __init__(self, errand: Errand, answer: Answer) -> None:
        super().__init__()
        self.errand = errand
        self.answer = answer


def run_errand(errand: Errand, paths: StatePaths, post: Callable[[Message], bool]) -> None:
    """Start the thread. It ends with the program: the daemon finishes a request by itself."""
    threading.Thread(
        target=_ask, args=(errand, paths, post), name="tui-errand", daemon=True
    ).start()


def _ask(errand: Errand, paths: StatePaths, post: Callable[[Message], bool]) -> None:
    try:
        for answer in request(paths, errand.request):
            post(ErrandNews(errand, answer))
    except (DaemonUnreachableError, OSError) as error:
        post(ErrandNews(errand, Refused("failed", str(error))))
