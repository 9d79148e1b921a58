"""Who gets which notice, and when. Pure; notifier.py delivers.

An alert becomes a notice for each target that wants its severity. A target's due notices go out
together as one message; failed ones are retried with backoff.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from daemon.config.schema import NotifySettings, NotifyTarget, Severity
from daemon.store.records import Notice, NoticeKind
from daemon.supervisor.alerting.engine import Alert

FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 900.0
MAX_WAITING = 1000  # older ones are dropped for a target that is down for days
_RANK: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True)
class Message:
    """What a target gets: one or more notices."""

    title: str
    body: str
    severity: Severity


def notices_of(
    alert: Alert, kind: NoticeKind, settings: NotifySettings, now_s: float
) -> list[Notice]:
    """A notice of an alert for each target that wants its severity."""
    return [
        Notice(
            target=target.name,
            kind=kind,
            alert=alert.rule.name,
            severity=alert.rule.severity,
            text=f"{alert.rule.summary} ({measured(alert)})",
            created_s=now_s,
            due_s=now_s + settings.group_wait_s,
        )
        for target in settings.targets
        if wants(target, alert.rule.severity)
    ]


def test_notices(settings: NotifySettings, now_s: float) -> list[Notice]:
    """A test for every target, due at once."""
    text = "This is a test of landerctl's notifications; nothing is wrong"
    return [
        Notice(target.name, "test", "test", target.min_severity, text, now_s, now_s)
        for target in settings.targets
    ]


def measured(alert: Alert) -> str:
    """The alert's metric, value and threshold."""
    rule = alert.rule
    value = "no data" if alert.value is None else f"{alert.value:.4g}"
    return f"{rule.metric} = {value}, {rule.comparison} {rule.threshold:g}"


def urgent_notices(alert: str, text: str, settings: NotifySettings, now_s: float) -> list[Notice]:
    """A critical notice for every target, due at once."""
    return [
        Notice(target.name, "firing", alert, "critical", text, now_s, now_s)
        for target in settings.targets
    ]


def wants(target: NotifyTarget, severity: Severity) -> bool:
    """Whether a target gets notices of this severity."""
    return _RANK[severity] >= _RANK[target.min_severity]


def compose(notices: Sequence[Notice]) -> Message:
    """One message from a target's notices, most severe first."""
    order = sorted(notices, key=lambda n: (n.kind == "resolved", -_RANK[n.severity], n.created_s))
    first, more = order[0], len({notice.alert for notice in order}) - 1
    others = f" and {more} more" if more else ""
    title = f"[landerctl {socket.gethostname()}] {_label(first)} {first.alert}{others}"
    body = "\n".join(f"{_label(notice)} {notice.alert}: {notice.text}" for notice in order)
    severities = [notice.severity for notice in order if notice.kind != "resolved"]
    return Message(title, body, max(severities, key=_RANK.__getitem__) if severities else "info")


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


def postponed(notice: Notice, now_s: float, give_up_s: float) -> Notice | None:
    """A failed notice with its next retry; None when it is `give_up_s` old."""
    if now_s - notice.created_s >= give_up_s:
        return None
    wait_s = min(FIRST_RETRY_S * 2.0**notice.tries, LONGEST_RETRY_S)
    return msgspec.structs.replace(notice, due_s=now_s + wait_s, tries=notice.tries + 1)


def at_once(notices: Iterable[Notice], now_s: float) -> list[Notice]:
    """The same notices, with retries due now."""
    return [
        msgspec.structs.replace(notice, due_s=now_s) if notice.tries else notice
        for notice in notices
    ]


def by_target(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    """Each target's queue, in the order of `notices`."""
    queues: dict[str, list[Notice]] = {}
    for notice in notices:
        queues.setdefault(notice.target, []).append(notice)
    return queues


def due_s(queue: Sequence[Notice]) -> float:
    """The moment (Unix) at which a target's notices can go out, all of them.

    A notice that has failed holds back those behind it: the target is down.
    """
    return min(queue, key=lambda notice: (-notice.tries, notice.due_s)).due_s


def bounded(notices: Sequence[Notice]) -> list[Notice]:
    """The newest MAX_WAITING notices."""
    return list(notices[-MAX_WAITING:])
