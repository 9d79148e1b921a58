"""Notices that wait for their delivery. Pure.

A target's due notices go out together as one message; failed ones are retried with backoff.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from daemon.base.text.one_line import one_line, printable_lines
from daemon.notify.message import RANK, Message
from daemon.store.records import Notice

FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 900.0
MAX_WAITING = 1000  # older ones are dropped for a target that is down for days


@dataclass(frozen=True)
class Waiting:
    """A notice in the outbox. Times are monotonic: a step of the wall clock drops none."""

    notice: Notice
    since_s: float  # when it was put there; before this session as long ago as it had waited
    due_s: float


def from_records(notices: Iterable[Notice], now_s: float) -> list[Waiting]:
    """The outbox of an earlier session, due now (monotonic).

    The time between the sessions does not count: nobody tried.
    """
    return [Waiting(notice, now_s - notice.waited_s, now_s) for notice in notices]


def to_records(outbox: Iterable[Waiting], now_s: float) -> list[Notice]:
    """The outbox as recorded at `now_s` (monotonic)."""
    return [
        msgspec.structs.replace(waiting.notice, waited_s=now_s - waiting.since_s)
        for waiting in outbox
    ]


def compose(notices: Sequence[Notice], title_prefix: str) -> Message:
    """One message from a target's notices, most severe first."""
    order = sorted(notices, key=lambda n: (n.kind == "resolved", -RANK[n.severity], n.created_s))
    first, more = order[0], len({notice.alert for notice in order}) - 1
    others = f" and {more} more" if more else ""
    host = f"{title_prefix}[landerctl {socket.gethostname()}]"
    title = one_line(f"{host} {_label(first)} {first.alert}{others}")
    body = "\n".join(
        f"{_label(notice)} {one_line(notice.alert)}: {printable_lines(notice.text)}"
        for notice in order
    )
    severities = [notice.severity for notice in order if notice.kind != "resolved"]
    return Message(title, body, max(severities, key=RANK.__getitem__) if severities else "info")


def _label(notice: Notice) -> str:
    match notice.kind:
        case "firing":
            return notice.severity.upper()
        case "reminder":
            return f"STILL {notice.severity.upper()}"
        case "resolved":
            return "RESOLVED"
        case "test":
            return "TEST"
        case "review":
            return "REVIEW"


def postponed(waiting: Waiting, now_s: float, give_up_s: float) -> Waiting | None:
    """A failed notice with its next retry; None when it has waited for `give_up_s`."""
    if now_s - waiting.since_s >= give_up_s:
        return None
    tries = waiting.notice.tries
    wait_s = min(FIRST_RETRY_S * 2.0**tries, LONGEST_RETRY_S)
    notice = msgspec.structs.replace(waiting.notice, tries=tries + 1)
    return replace(waiting, notice=notice, due_s=now_s + wait_s)


def at_once(outbox: Iterable[Waiting], now_s: float) -> list[Waiting]:
    """The same notices, with retries due now."""
    return [
        replace(waiting, due_s=now_s) if waiting.notice.tries else waiting for waiting in outbox
    ]


def by_target(outbox: Iterable[Waiting]) -> dict[str, list[Waiting]]:
    """Each target's queue, in the order of `outbox`."""
    queues: dict[str, list[Waiting]] = {}
    for waiting in outbox:
        queues.setdefault(waiting.notice.target, []).append(waiting)
    return queues


def due_s(queue: Sequence[Waiting]) -> float:
    """The moment (monotonic) at which a target's notices can go out, all of them.

    A notice that has failed holds back those behind it: the target is down.
    """
    return min(queue, key=lambda waiting: (-waiting.notice.tries, waiting.due_s)).due_s


def bounded(outbox: Sequence[Waiting]) -> list[Waiting]:
    """The newest MAX_WAITING notices."""
    return list(outbox[-MAX_WAITING:])
