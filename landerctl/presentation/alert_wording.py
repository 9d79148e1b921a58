"""Describes alerts as text, for `landerctl alerts` and the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.wording import clock, duration
from daemon.config.schema import AlertRule, NotifyTarget
from daemon.notify.message import wants
from daemon.store.records import AlertRecord, Silence

Fact = tuple[str, str]  # label and text


def figure(value: float | None) -> str:
    """A value of any unit in four digits; None as "no value"."""
    return "no value" if value is None else f"{value:,.4g}"


def active_silences(silences: Iterable[Silence], now_s: float) -> list[Silence]:
    """The silences in force at `now_s`, latest end first."""
    return sorted((s for s in silences if s.in_force(now_s)), key=lambda s: -s.until_s)


def silence_of(name: str, silences: Iterable[Silence], now_s: float) -> Silence | None:
    """The silence of the alert `name` that ends last; None if it is not silenced."""
    return next((s for s in active_silences(silences, now_s) if s.matches(name)), None)


def rule_facts(rule: AlertRule, targets: Sequence[NotifyTarget]) -> list[Fact]:
    """Facts about a rule: when it fires, when it ends, when it applies, and its action."""
    held = f" for {duration(rule.for_s)}" if rule.for_s else ""
    clear = rule.threshold if rule.clear_threshold is None else rule.clear_threshold
    side = "above" if rule.comparison == "below" else "below"
    kept = f" for {duration(rule.keep_firing_for_s)}" if rule.keep_firing_for_s else ""
    missing = {"keep": "changes nothing", "clear": "ends it", "fire": "fires"}[rule.missing]
    return [
        ("fires", f"{rule.metric} {rule.comparison} {rule.threshold:,.6g}{held}"),
        ("ends", f"at {clear:,.6g} or {side}{kept}; no value {missing}"),
        *([("applies", applies)] if (applies := _applies(rule, side)) else []),
        ("action", _action(rule, _notified_targets(rule, targets))),
    ]


def status_facts(
    alert: AlertRecord | None,
    silence: Silence | None,
    rule: AlertRule | None,
    targets: Sequence[NotifyTarget],
    now_s: float,
) -> list[Fact]:
    """Facts about an alert: state, notification, acknowledgement, silence.

    `alert`: None if inactive; `rule`: None if unknown.
    """
    facts = [("state", "inactive")]
    if alert is not None:
        was_notified = alert.notified_s is not None and (
            rule is None or _notified_targets(rule, targets)
        )
        ack = alert.acknowledged
        since = f"{duration(now_s - alert.since_s)}, since {clock(alert.since_s)}"
        facts = [
            ("state", f"{alert.state} for {since}"),
            ("notified", _ago(alert.notified_s or 0.0, now_s) if was_notified else "nobody"),
            (
                "acknowledged",
                f"{_ago(ack.time_s, now_s)}, {_by(ack.user, ack.note)}" if ack else "no",
            ),
        ]
    return [*facts, ("silenced", "no" if silence is None else silence_text(silence, now_s))]


def silence_text(silence: Silence, now_s: float) -> str:
    """A silence's time left, user and note."""
    left = duration(silence.until_s - now_s)
    return (
        f"{left} left, until {clock(silence.until_s)}, {_by(silence.user, silence.note)}"
        f" (as '{silence.pattern}')"
    )


def marks(alert: AlertRecord, silence: Silence | None, now_s: float) -> str:
    """Whether it is acknowledged or silenced, as text; empty if neither."""
    parts = []
    if alert.acknowledged is not None:
        parts.append(f"acked by {alert.acknowledged.user}")
    if silence is not None:
        parts.append(f"silenced for {duration(silence.until_s - now_s)}")
    return ", ".join(parts)


def _notified_targets(rule: AlertRule, targets: Sequence[NotifyTarget]) -> list[str]:
    """The names of the targets that are notified."""
    if rule.action == "log":
        return []
    return [target.name for target in targets if wants(target, rule.severity)]


def _applies(rule: AlertRule, good_side: str) -> str:
    """When a rule applies, as text; empty: always."""
    parts = []
    if rule.stage is not None:
        parts.append(f"in stage {rule.stage}, after its ramp")
    if rule.stage_steps:
        parts.append(f"after {rule.stage_steps:,} steps in {'it' if parts else 'a stage'}")
    if rule.armed_at is not None:
        parts.append(f"once a value of this run was {rule.armed_at:,.6g} or {good_side}")
    return ", ".join(parts)


def _action(rule: AlertRule, notified: Sequence[str]) -> str:
    if rule.action == "log":
        return "log: no notification"
    who = ", ".join(notified) if notified else f"no target in [notify] for {rule.severity}"
    return f"{rule.action}: {who}"


def _by(user: str, note: str) -> str:
    return f"by {user}: {note}" if note else f"by {user}"


def _ago(time_s: float, now_s: float) -> str:
    return f"{duration(now_s - time_s)} ago, at {clock(time_s)}"
