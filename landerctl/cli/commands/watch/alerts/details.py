"""`landerctl alerts show`: all facts about one alert."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase

import msgspec

from checks.wording import clock, duration
from daemon.base.text.one_line import one_line
from daemon.config.schema import AlertRule, NotifyTarget
from daemon.store.reader import StoreReader
from daemon.store.records import AlertRecord, Event, Sample, Silence
from landerctl.cli.commands.watch.alerts.listing import similar
from landerctl.presentation.alert_wording import figure, rule_facts, silence_of, status_facts

EVENTS = [
    "alert.firing", "alert.resolved", "alert.acknowledged", "alert.acted", "alert.silenced"
]  # fmt: skip
SHOWN_VALUES, SHOWN_EVENTS = 10, 10
MOST_EVENTS = 5000  # of all alerts, searched for those of this one
SPAN_S = 3600.0
_LABEL_CELLS = 14


class Evidence(msgspec.Struct, frozen=True):
    """The JSON of `landerctl alerts show --json`. Times are Unix seconds."""

    rule: AlertRule
    alert: AlertRecord | None  # None: inactive
    silence: Silence | None
    newest: Sample | None
    similar_metric: str | None  # a similar recorded series, if the rule's metric was never recorded
    span_s: float
    lowest: float | None  # of the last span_s
    highest: float | None
    values: list[Sample]  # some of the last span_s, ascending
    events: list[Event]  # the newest, ascending
    plugin: str | None = None  # which added the rule


def gather(
    store: StoreReader, rule: AlertRule, now_s: float, plugin: str | None = None
) -> Evidence:
    """Read an alert's facts from the store. Raises StoreError."""
    status = store.status()
    newest = store.newest(rule.metric)
    span_s = max(SPAN_S, rule.for_s)
    samples = store.series(rule.metric, since_s=now_s - span_s)
    finite = [sample.value for sample in samples if math.isfinite(sample.value)]
    recorded = store.events(names=EVENTS, limit=MOST_EVENTS)
    return Evidence(
        rule=rule,
        alert=next((a for a in status.alerts if a.name == rule.name), None),
        silence=silence_of(rule.name, status.silences, now_s),
        newest=newest,
        similar_metric=None if newest else similar(rule.metric, store.sample_names()),
        span_s=span_s,
        lowest=min(finite, default=None),
        highest=max(finite, default=None),
        values=store.series(rule.metric, since_s=now_s - span_s, max_points=SHOWN_VALUES),
        events=[event for event in recorded if is_about(event, rule.name)][-SHOWN_EVENTS:],
        plugin=plugin,
    )


def is_about(event: Event, name: str) -> bool:
    """Whether an event concerns the alert `name`."""
    pattern = event.body.get("pattern")
    if isinstance(pattern, str):
        return fnmatchcase(name, pattern)
    return event.body.get("alert") == name


def detail_lines(found: Evidence, targets: Sequence[NotifyTarget], now_s: float) -> list[str]:
    """The facts as text lines."""
    rule = found.rule
    facts = [
        *rule_facts(rule, targets),
        *status_facts(found.alert, found.silence, rule, targets, now_s),
        ("value", _value(found, now_s)),
    ]
    if found.lowest is not None:
        extent = f"{figure(found.lowest)} to {figure(found.highest)}"
        facts.append(("range", f"{extent} in the last {duration(found.span_s)}"))
    if found.plugin is not None:
        facts.append(("plugin", f"{found.plugin}, see `landerctl plugins`"))
    lines = [f"{rule.severity.upper()} {rule.name}", f"  {rule.summary}"]
    lines += [f"  {label:<{_LABEL_CELLS}}{text}" for label, text in facts]
    if found.values:
        lines.append("Values")
        lines += [f"  {clock(s.time_s)}  {figure(s.value)}" for s in found.values]
    if found.events:
        lines.append("Events")
        lines += [f"  {_when(e.time_s)}  {e.name[6:]:<12}  {e.text}" for e in found.events]
    return [one_line(line) for line in lines]


def _value(found: Evidence, now_s: float) -> str:
    if found.newest is not None:
        return f"{figure(found.newest.value)}, {duration(now_s - found.newest.time_s)} ago"
    hint = f"; did you mean {found.similar_metric}?" if found.similar_metric else " yet"
    return f"none: {found.rule.metric} was not recorded{hint}"


def _when(time_s: float) -> str:
    return datetime.fromtimestamp(time_s).strftime("%Y-%m-%d %H:%M:%S")
