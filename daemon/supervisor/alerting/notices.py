"""Who gets which notice of an alert or review. Pure; notifier.py delivers."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.config.schema import NotifySettings
from daemon.notify.message import wants
from daemon.notify.outbox import Waiting
from daemon.store.records import Notice, NoticeKind
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.engine import Alert


def notices_of(
    alert: Alert, kind: NoticeKind, settings: NotifySettings, now: Instant
) -> list[Waiting]:
    """A notice of an alert for each target that wants its severity."""
    return [
        Waiting(
            Notice(
                target=target.name,
                kind=kind,
                alert=alert.rule.name,
                severity=alert.rule.severity,
                text=f"{alert.rule.summary} ({measured(alert)})",
                created_s=now.unix_s,
            ),
            now.monotonic_s,
            now.monotonic_s + settings.group_wait_s,
        )
        for target in settings.targets
        if wants(target, alert.rule.severity)
    ]


def urgent_notices(alert: str, text: str, settings: NotifySettings, now: Instant) -> list[Waiting]:
    """A critical notice for every target, due at once."""
    return [
        Waiting(
            Notice(target.name, "firing", alert, "critical", text, now.unix_s),
            now.monotonic_s,
            now.monotonic_s,
        )
        for target in settings.targets
    ]


def review_notices(
    subject: str, text: str, settings: NotifySettings, targets: Sequence[str], now: Instant
) -> list[Waiting]:
    """A review for each of the named targets, whatever severities it wants, due at once."""
    return [
        Waiting(
            Notice(target.name, "review", subject, "info", text, now.unix_s),
            now.monotonic_s,
            now.monotonic_s,
        )
        for target in settings.targets
        if target.name in targets
    ]


def measured(alert: Alert) -> str:
    """The alert's metric, value and threshold."""
    rule = alert.rule
    value = "no data" if alert.value is None else f"{alert.value:.4g}"
    return f"{rule.metric} = {value}, {rule.comparison} {rule.threshold:g}"
