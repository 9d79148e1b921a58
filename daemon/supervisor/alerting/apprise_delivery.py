"""Delivers one message through apprise; a process that reads the message on standard input.

A process of its own: apprise knows a hundred services, takes its time to load, and the supervisor
stays small and cannot be held up by any of them. The address is a secret: it comes by standard
input, and nothing that apprise says of it is passed on.
"""

from __future__ import annotations

import sys

import msgspec

from daemon.config.schema import Severity


class Delivery(msgspec.Struct, frozen=True):
    """A message and where it goes."""

    url: str
    title: str
    body: str
    severity: Severity


OK, NOT_DELIVERED, BAD_ADDRESS = 0, 1, 2
MEANING = {
    NOT_DELIVERED: "the service did not take it",
    BAD_ADDRESS: "apprise does not know such an address",
}


def main() -> int:
    """Deliver the message on standard input; the exit code says how it went."""
    import apprise  # noqa: PLC0415 - the supervisor imports this module for its codes

    delivery = msgspec.json.decode(sys.stdin.buffer.read(), type=Delivery)
    types = {
        "info": apprise.NotifyType.INFO,
        "warning": apprise.NotifyType.WARNING,
        "critical": apprise.NotifyType.FAILURE,
    }
    service = apprise.Apprise()
    if not service.add(delivery.url):
        return BAD_ADDRESS
    sent = service.notify(
        title=delivery.title, body=delivery.body, notify_type=types[delivery.severity]
    )
    return OK if sent else NOT_DELIVERED


if __name__ == "__main__":
    sys.exit(main())
