"""The alert engine: rules, newest values and a clock in; states and transitions out.

inactive -> pending when a rule's condition holds, -> firing when it has held for `for_s`,
-> inactive when it no longer holds. NaN counts as the condition holding: what cannot be measured
is not fine. A missing value leaves the state as it is, with one exception: while nothing trains, a
rule about the training has nothing to be about, and its alert ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from daemon.config.schema import AlertRule
from daemon.store.records import AlertRecord, AlertState
from daemon.supervisor.clock import Instant
from daemon.supervisor.resources import MACHINE_METRICS


@dataclass(frozen=True)
class Alert:
    """One rule's state. `held_since_s` is monotonic, `since_s` the Unix time of the state."""

    rule: AlertRule
    state: AlertState
    held_since_s: float
    since_s: float
    value: float | None


@dataclass(frozen=True)
class Transition:
    """An alert that began or ceased to fire."""

    alert: Alert
    to: Literal["firing", "resolved"]


def holds(rule: AlertRule, value: float) -> bool:
    """Whether the rule's condition holds for a value; it does for NaN."""
    if math.isnan(value):
        return True
    return value > rule.threshold if rule.comparison == "above" else value < rule.threshold


def step(alert: Alert, value: float | None, now: Instant) -> tuple[Alert, Transition | None]:
    """The state that follows from a new value, and whether firing began or ended with it."""
    if value is None:
        return alert, None
    rule = alert.rule
    if not holds(rule, value):
        inactive = Alert(rule, "inactive", now.monotonic_s, now.unix_s, value)
        if alert.state == "inactive":
            return replace(alert, value=value), None
        return inactive, Transition(inactive, "resolved") if alert.state == "firing" else None
    if alert.state == "firing":
        return replace(alert, value=value), None
    if alert.state == "inactive":
        alert = Alert(rule, "pending", now.monotonic_s, now.unix_s, value)
    if now.monotonic_s - alert.held_since_s >= rule.for_s:
        firing = replace(alert, state="firing", since_s=now.unix_s, value=value)
        return firing, Transition(firing, "firing")
    return replace(alert, value=value), None


def lapse(alert: Alert, now: Instant) -> tuple[Alert, Transition | None]:
    """The state of a rule that has nothing to judge any more."""
    if alert.state == "inactive":
        return alert, None
    inactive = _inactive(alert.rule, now)
    return inactive, Transition(inactive, "resolved") if alert.state == "firing" else None


class AlertEngine:
    """The states of all rules. Starts from the alerts that fired when the last supervisor ended."""

    def __init__(
        self, rules: Sequence[AlertRule], now: Instant, firing: Iterable[AlertRecord] = ()
    ) -> None:
        fired = {record.name: record for record in firing if record.state == "firing"}
        self._alerts: dict[str, Alert] = {}
        for rule in rules:
            alert = _inactive(rule, now)
            if record := fired.get(rule.name):
                alert = replace(alert, state="firing", since_s=record.since_s, value=record.value)
            self._alerts[rule.name] = alert

    def observe(
        self, values: Mapping[str, float], now: Instant, *, training: bool
    ) -> list[Transition]:
        """Judge every rule by the newest values; a metric that is not there is missing.

        `training`: whether there is a training that rules can be about.
        """
        transitions = []
        for name, alert in self._alerts.items():
            value = values.get(alert.rule.metric)
            if value is None and not training and alert.rule.metric not in MACHINE_METRICS:
                self._alerts[name], transition = lapse(alert, now)
            else:
                self._alerts[name], transition = step(alert, value, now)
            if transition is not None:
                transitions.append(transition)
        return transitions

    def replace_rules(self, rules: Sequence[AlertRule], now: Instant) -> list[Transition]:
        """Use other rules. A rule of the same name, metric and comparison keeps its state."""
        old = self._alerts
        self._alerts = {}
        for rule in rules:
            known = old.get(rule.name)
            same = known is not None and (known.rule.metric, known.rule.comparison) == (
                rule.metric,
                rule.comparison,
            )
            self._alerts[rule.name] = (
                replace(known, rule=rule) if known is not None and same else _inactive(rule, now)
            )
        return [
            Transition(replace(alert, state="inactive", since_s=now.unix_s), "resolved")
            for name, alert in old.items()
            if alert.state == "firing"
            and (name not in self._alerts or self._alerts[name].state != "firing")
        ]

    def records(self) -> list[AlertRecord]:
        """The alerts that are not inactive."""
        return [
            AlertRecord(
                name=alert.rule.name,
                state=alert.state,
                since_s=alert.since_s,
                value=alert.value,
                comparison=alert.rule.comparison,
                threshold=alert.rule.threshold,
                severity=alert.rule.severity,
                summary=alert.rule.summary,
            )
            for alert in self._alerts.values()
            if alert.state != "inactive"
        ]


def _inactive(rule: AlertRule, now: Instant) -> Alert:
    return Alert(rule, "inactive", now.monotonic_s, now.unix_s, None)
