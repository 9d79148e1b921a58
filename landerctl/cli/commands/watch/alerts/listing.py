"""`landerctl alerts`: every rule with its metric's newest value and its state."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.verdict import LEVEL_OF
from checks.wording import duration
from daemon.base.text.one_line import one_line
from daemon.config.schema import AlertRule, Severity
from daemon.store.reader import StoreReader
from daemon.store.records import AlertRecord, AlertState, Sample, Status
from landerctl.presentation.alert_wording import (
    active_silences,
    figure,
    marks,
    silence_of,
    silence_text,
)

OLD_S = 120.0  # counters are recorded once a minute
_RANK: dict[AlertState, int] = {"firing": 0, "pending": 1, "inactive": 2}
_SIGN = {"above": ">", "below": "<"}
_STYLES = {"critical": "bold red", "warning": "yellow"}


class AlertRow(msgspec.Struct, frozen=True):
    """A rule with its metric's newest value and its state. Times are Unix seconds."""

    name: str
    state: AlertState
    since_s: float | None
    value: float | None  # None: never recorded, or not a number
    value_time_s: float | None  # None: never recorded
    metric: str
    similar_metric: str | None  # a similar recorded series, if this one was never recorded
    comparison: str
    threshold: float
    stage: int | None
    severity: Severity
    action: str
    acknowledged_by: str | None
    silenced_until_s: float | None
    summary: str
    plugin: str | None = None  # which added the rule


def newest_values(store: StoreReader, rules: Sequence[AlertRule]) -> dict[str, Sample]:
    """The newest sample of each metric that has one. Raises StoreError."""
    found = {rule.metric: store.newest(rule.metric) for rule in rules}
    return {metric: sample for metric, sample in found.items() if sample is not None}


def list_alerts(
    rules: Sequence[AlertRule],
    status: Status | None,
    values: Mapping[str, Sample],
    recorded: Sequence[str],
    now_s: float,
    *,
    plugins: Mapping[str, str] | None = None,
) -> list[AlertRow]:
    """One row per rule: firing, then pending, then inactive, each the most severe first.

    `recorded`: the names of all series; `plugins`: the plugin that added a rule, by its name.
    """
    records = {record.name: record for record in status.alerts} if status else {}
    silences = status.silences if status else []
    found = []
    for rule in rules:
        record, value = records.get(rule.name), values.get(rule.metric)
        silence = silence_of(rule.name, silences, now_s)
        found.append(
            AlertRow(
                name=rule.name,
                state=record.state if record else "inactive",
                since_s=record.since_s if record else None,
                value=value.value if value else None,
                value_time_s=value.time_s if value else None,
                metric=rule.metric,
                similar_metric=None if value else similar(rule.metric, recorded),
                comparison=rule.comparison,
                threshold=rule.threshold,
                stage=rule.stage,
                severity=rule.severity,
                action=rule.action,
                acknowledged_by=record.acknowledged.user
                if record and record.acknowledged
                else None,
                silenced_until_s=silence.until_s if silence else None,
                summary=rule.summary,
                plugin=(plugins or {}).get(rule.name),
            )
        )
    return sorted(found, key=_order)


def _order(alert: AlertRow | AlertRecord) -> tuple[int, int]:
    return _RANK[alert.state], -LEVEL_OF[alert.severity]


def similar(metric: str, recorded: Sequence[str]) -> str | None:
    """The recorded series with the most similar name, or None."""
    return next(iter(difflib.get_close_matches(metric, recorded, n=1, cutoff=0.8)), None)


def show(entries: Sequence[AlertRow], status: Status | None, now_s: float) -> None:
    """Print firing and pending alerts, the table of rules, and notes on metrics without values."""
    console = Console(highlight=False)
    silences = active_silences(status.silences, now_s) if status else []
    for alert in sorted(status.alerts if status else [], key=_order):
        style = _STYLES.get(alert.severity, "") if alert.state == "firing" else ""
        notes = marks(alert, silence_of(alert.name, silences, now_s), now_s)
        head = f"{alert.severity.upper()} {alert.name}"
        since = f"{alert.state} for {duration(now_s - alert.since_s)}"
        line = f"{head}: {since}{f', {notes}' if notes else ''}"
        console.print(Text(one_line(line), style))
        console.print(_indented(alert.summary, console.width))
    for silence in silences:
        text = f"Silence of '{silence.pattern}': {silence_text(silence, now_s)}"
        console.print(_indented(text, console.width, first=""))
    if silences or (status and status.alerts):
        console.print()
    console.print(_table(entries, now_s))
    if any(entry.plugin for entry in entries):
        console.print("In brackets: the plugin that added the rule; see `landerctl plugins`")
    for note in _notes(entries):
        console.print(_indented(note, console.width, first=""))


def _table(entries: Sequence[AlertRow], now_s: float) -> Table:
    ages = [None if e.value_time_s is None else now_s - e.value_time_s for e in entries]
    old = [duration(age_s) if age_s is not None and age_s > OLD_S else "" for age_s in ages]
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column("ALERT", overflow="fold")
    table.add_column("STATE", no_wrap=True)
    table.add_column("VALUE", justify="right", no_wrap=True)
    if any(old):
        table.add_column("AGE", justify="right", no_wrap=True)
    table.add_column("FIRES", overflow="fold")
    for entry, age in zip(entries, old, strict=True):
        stage = "" if entry.stage is None else f" in stage {entry.stage}"
        value = "no value" if entry.value_time_s is None else figure(entry.value)
        table.add_row(
            Text(one_line(f"{entry.name}{f' ({entry.plugin})' if entry.plugin else ''}")),
            entry.state,
            value,
            *([age] if any(old) else []),
            Text(one_line(f"{entry.metric} {_SIGN[entry.comparison]} {entry.threshold:g}{stage}")),
            style=_STYLES.get(entry.severity, "") if entry.state == "firing" else "",
        )
    return table


def _notes(entries: Sequence[AlertRow]) -> list[str]:
    """Notes on rules whose metric has no value."""
    never = [entry for entry in entries if entry.value_time_s is None]
    notes = [
        f"{entry.name}: {entry.metric} was not recorded; did you mean {entry.similar_metric}?"
        for entry in never
        if entry.similar_metric
    ]
    others = dict.fromkeys(entry.metric for entry in never if not entry.similar_metric)
    if others:
        notes.append(f"Not recorded yet: {', '.join(others)}")
    return ["", *notes, "`landerctl metrics` lists the recorded metrics"] if notes else []


def _indented(text: str, width: int, first: str = "  ") -> Text:
    shown = one_line(text)
    return Text(textwrap.fill(shown, width, initial_indent=first, subsequent_indent="  "))
