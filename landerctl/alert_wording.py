"""How an alert stands, in words: for `landerctl alerts` and the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.wording import clock, duration
from daemon.config.schema import AlertRule, NotifyTarget
from daemon.store.records import AlertRecord, Silence
from daemon.supervisor.alerting.notices import wants

Fact = tuple[str, str]  # a label and what is to be said


def figure(value: float | None) -> str:
    """A value of any unit in four digits; None as "no value"."""
    return "no value" if value is None else f"{value:,.4g}"


def in_force(silences: Iterable[Silence], now_s: float) -> list[Silence]:
    """The silences that are not over, those that end last first."""
    return sorted((s for s in silences if s.in_force(now_s)), key=lambda s: -s.until_s)


def silence_of(name: str, silences: Iterable[Silence], now_s: float) -> Silence | None:
    """The silence that holds an alert back for longest; None where nothing does."""
    return next((s for s in in_force(silences, now_s) if s.matches(name)), None)


def rule_facts(rule: AlertRule, targets: Sequence[NotifyTarget]) -> list[Fact]:
    """When it fires, when it ends, and what follows."""
    stage = f", in stage {rule.stage}" if rule.stage is not None else ""
    held = f" for {duration(rule.for_s)}" if rule.for_s else ""
    clear = rule.threshold if rule.clear_threshold is None else rule.clear_threshold
    side = "above" if rule.comparison == "below" else "below"
    kept = f" for {duration(rule.keep_firing_for_s)}" if rule.keep_firing_for_s else ""
    missing = {"keep": "changes nothing", "clear": "ends it", "fire": "fires"}[rule.missing]
    return [
        ("fires", f"{rule.metric} {rule.comparison} {rule.threshold:,.6g}{held}{stage}"),
        ("ends", f"at {clear:,.6g} or {side}{kept}; no value {missing}"),
        ("action", _action(rule, _told(rule, targets))),
    ]


def standing_facts(
    alert: AlertRecord | None,
    silence: Silence | None,
    rule: AlertRule | None,
    targets: Sequence[NotifyTarget],
    now_s: float,
) -> list[Fact]:
    """Since when it is so, who was told, who has seen it, and who is not to be told.

    `alert`: None where it is inactive; `rule`: None where it is not known.
    """
    facts = [("state", "inactive")]
    if alert is not None:
        someone = alert.notified_s is not None and (rule is None or _told(rule, targets))
        seen = alert.acknowledged
        since = f"{duration(now_s - alert.since_s)}, since {clock(alert.since_s)}"
        facts = [
            ("state", f"{alert.state} for {since}"),
            ("told", _ago(alert.notified_s or 0.0, now_s) if someone else "nobody"),
            ("seen", f"{_ago(seen.time_s, now_s)}, {_by(seen.user, seen.note)}" if seen else "no"),
        ]
    return [*facts, ("silenced", "no" if silence is None else silence_words(silence, now_s))]


def silence_words(silence: Silence, now_s: float) -> str:
    """For how long, by whom and why."""
    left = duration(silence.until_s - now_s)
    return (
        f"{left} more, until {clock(silence.until_s)}, {_by(silence.user, silence.note)}"
        f" (as '{silence.pattern}')"
    )


def marks(alert: AlertRecord, silence: Silence | None, now_s: float) -> str:
    """What sets it apart from one that nobody has dealt with; empty for such a one."""
    words = []
    if alert.acknowledged is not None:
        words.append(f"seen by {alert.acknowledged.user}")
    if silence is not None:
        words.append(f"silenced for {duration(silence.until_s - now_s)}")
    return ", ".join(words)


def _told(rule: AlertRule, targets: Sequence[NotifyTarget]) -> list[str]:
    """The names of those who are told of it."""
    if rule.action == "log":
        return []
    return [target.name for target in targets if wants(target, rule.severity)]


def _action(rule: AlertRule, told: Sequence[str]) -> str:
    if rule.action == "log":
        return "log: nobody is told"
    who = ", ".join(told) if told else f"[notify] names nobody for {rule.severity}"
    return f"{rule.action}: {who}"


def _by(user: str, note: str) -> str:
    return f"by {user}: {note}" if note else f"by {user}"


def _ago(time_s: float, now_s: float) -> str:
    return f"{duration(now_s - time_s)} ago, at {clock(time_s)}"
