"""Delivers one message through apprise; a process that reads the message on standard input.

A process of its own: apprise knows a hundred services, takes its time to load, and the supervisor
stays small and cannot be held up by any of them. The address is a secret: it comes by standard
input. The reason of a failure, the last line of standard error, is made of what is known to be
none: what apprise says may contain a part of the address.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable
from http.client import responses

import msgspec

from daemon.config.schema import Severity
from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with


class Delivery(msgspec.Struct, frozen=True):
    """A message and where it goes."""

    url: str
    title: str
    body: str
    severity: Severity


OK, NOT_DELIVERED, BAD_ADDRESS = 0, 2, 3
# What apprise's plugins and their libraries write of an error.
_HTTP = re.compile(r"\berror=(\d{3})\b")
_SMTP = re.compile(r"\((\d{3}), b")
_SYSTEM = re.compile(r"\[Errno -?\d+\] ([A-Za-z][A-Za-z ]+)")
_KNOWN = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
    "[SSL": "no encrypted connection is possible",
    "timed out": "it does not answer in time",
    "Connection aborted": "it closed the connection",
}


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def main() -> int:
    """Deliver the message on standard input; ends if the pipe named by the argument is closed.

    The exit code and the last line of standard error say how it went.
    """
    end_with(int(sys.argv[1]), lambda: kill_group(os.getpgrp()))
    import apprise  # noqa: PLC0415 - the supervisor imports this module for its codes

    delivery = msgspec.json.decode(sys.stdin.buffer.read(), type=Delivery)
    types = {
        "info": apprise.NotifyType.INFO,
        "warning": apprise.NotifyType.WARNING,
        "critical": apprise.NotifyType.FAILURE,
    }
    service = apprise.Apprise()
    if not service.add(delivery.url):
        print("apprise does not know such an address", file=sys.stderr)
        return BAD_ADDRESS
    messages = _Messages()
    logger = logging.getLogger("apprise")
    logger.addHandler(messages)
    logger.setLevel(logging.DEBUG)
    if service.notify(
        title=delivery.title, body=delivery.body, notify_type=types[delivery.severity]
    ):
        return OK
    print(reason(messages.texts), file=sys.stderr)
    return NOT_DELIVERED


def reason(messages: Iterable[str]) -> str:
    """Why a delivery failed, by apprise's messages about it."""
    text = "\n".join(messages)
    if found := _HTTP.findall(text):
        meaning = responses.get(int(found[-1]), "")
        return f"the service answered HTTP {found[-1]} {meaning}".strip()
    if found := _SYSTEM.findall(text):
        return str(found[-1]).strip()
    if found := _SMTP.findall(text):
        return f"the mail server answered {found[-1]}"
    return next((said for sign, said in _KNOWN.items() if sign in text), "the service refused it")


if __name__ == "__main__":
    sys.exit(main())
