"""The alert engine: from rules, newest values and the time to states and transitions. Pure.

| From     | To       | When                                                                     |
|----------|----------|--------------------------------------------------------------------------|
| inactive | pending  | the rule's condition holds                                               |
| pending  | inactive | it no longer holds                                                       |
| pending  | firing   | it has held for `for_s`                                                  |
| firing   | inactive | the value has been beyond `clear_threshold` for `keep_firing_for_s`      |
| any      | inactive | the rule does not apply: no training, another stage, the rule is removed |

For NaN the condition holds: it is never a good value. The rule's `missing` says how a missing
value counts. A rule with `stage_steps` or `armed_at` does not apply to a training that has not had
the time, or has never been good enough, to be worse than it should be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from daemon.config.schema import AlertRule
from daemon.store.catalogs.metric_names import is_of_the_machine
from daemon.store.records import Acknowledgement, AlertRecord, AlertState, Silence
from daemon.supervisor.aio.clock import Instant


@dataclass(frozen=True)
class Alert:
    """One rule's state.

    `held_since_s`, `clear_since_s` and `reminded_s` are monotonic, the rest is Unix time.
    """

    rule: AlertRule
    state: AlertState
    held_since_s: float
    since_s: float
    value: float | None
    clear_since_s: float | None = None  # firing, but the value is clear since then
    acknowledged: Acknowledgement | None = None
    notified_s: float | None = None
    reminded_s: float | None = None  # of the same notice


@dataclass(frozen=True)
class Transition:
    """An alert that started or stopped firing."""

    alert: Alert
    to: Literal["firing", "resolved"]


@dataclass(frozen=True)
class Training:
    """Which rules apply: whether training runs, and its stage if at full difficulty."""

    runs: bool
    stage: int | None  # None: on a ramp, or unknown
    stage_steps: int = 0  # environment steps flown in the stage


NO_TRAINING = Training(runs=False, stage=None)


@dataclass(frozen=True)
class Extremes:
    """The smallest and the largest value of a metric in a run."""

    low: float = math.inf
    high: float = -math.inf

    def including(self, value: float) -> Extremes:
        """Those of one value more; NaN changes nothing."""
        return Extremes(
            value if value < self.low else self.low, value if value > self.high else self.high
        )


def is_armed(rule: AlertRule, seen: Extremes) -> bool:
    """Whether the metric, with these extremes, was once as good as the rule's `armed_at`."""
    if rule.armed_at is None:
        return True
    return seen.low <= rule.armed_at if rule.comparison == "above" else seen.high >= rule.armed_at


def holds(rule: AlertRule, value: float) -> bool:
    """Whether the rule's condition holds for a value; True for NaN."""
    if math.isnan(value):
        return True
    return value > rule.threshold if rule.comparison == "above" else value < rule.threshold


def is_clear(rule: AlertRule, value: float) -> bool:
    """Whether a firing alert may be resolved at this value."""
    if holds(rule, value):
        return False
    clear = rule.threshold if rule.clear_threshold is None else rule.clear_threshold
    return value <= clear if rule.comparison == "above" else value >= clear


def step(alert: Alert, value: float | None, now: Instant) -> tuple[Alert, Transition | None]:
    """The next state for a new value, and the transition, if firing starts or stops."""
    rule = alert.rule
    if value is None and rule.missing == "keep":
        return alert, None
    held = rule.missing == "fire" if value is None else holds(rule, value)
    clear = not held if value is None else is_clear(rule, value)
    alert = replace(alert, value=value)
    match alert.state:
        case "firing":
            return (
                _resolve_when_clear(alert, now)
                if clear
                else (replace(alert, clear_since_s=None), None)
            )
        case "inactive" | "pending" if not held:
            return _inactive_with_value(alert, now) if alert.state == "pending" else alert, None
        case "inactive":
            alert = replace(
                alert, state="pending", held_since_s=now.monotonic_s, since_s=now.unix_s
            )
    if now.monotonic_s - alert.held_since_s < rule.for_s:
        return alert, None
    firing = replace(alert, state="firing", since_s=now.unix_s)
    return firing, Transition(firing, "firing")


def _resolve_when_clear(alert: Alert, now: Instant) -> tuple[Alert, Transition | None]:
    """A firing alert with a clear value: resolved after `keep_firing_for_s` of those."""
    since_s = now.monotonic_s if alert.clear_since_s is None else alert.clear_since_s
    if now.monotonic_s - since_s < alert.rule.keep_firing_for_s:
        return replace(alert, clear_since_s=since_s), None
    return _inactive_with_value(alert, now), _resolved(alert, now)


def deactivate(alert: Alert, now: Instant) -> tuple[Alert, Transition | None]:
    """The next state of a rule that no longer applies."""
    if alert.state == "inactive":
        return alert, None
    ended = _resolved(replace(alert, value=None), now) if alert.state == "firing" else None
    return inactive(alert.rule, now), ended


def inactive(rule: AlertRule, now: Instant) -> Alert:
    """The inactive state of a rule."""
    return Alert(rule, "inactive", now.monotonic_s, now.unix_s, None)


def _inactive_with_value(alert: Alert, now: Instant) -> Alert:
    return replace(inactive(alert.rule, now), value=alert.value)


def _resolved(alert: Alert, now: Instant) -> Transition:
    """The transition, with the alert's `notified_s`: it decides about a resolved notice."""
    return Transition(replace(alert, state="inactive", since_s=now.unix_s), "resolved")


def is_silenced(name: str, silences: Iterable[Silence]) -> bool:
    """Whether one of the silences in force matches the alert."""
    return any(silence.matches(name) for silence in silences)


class AlertEngine:
    """The states of all rules. Starts with the alerts that were firing in the previous session.

    `age_s` returns the age of something that the previous session dated by the wall clock;
    `seen`: of metrics, in previous sessions of the run since its last rollback.
    """

    def __init__(
        self,
        rules: Sequence[AlertRule],
        now: Instant,
        firing: Iterable[AlertRecord] = (),
        age_s: Callable[[float], float] = lambda time_s: 0.0,
        seen: Mapping[str, Extremes] = MappingProxyType({}),
    ) -> None:
        self._seen = dict(seen)
        fired = {record.name: record for record in firing if record.state == "firing"}
        self._alerts: dict[str, Alert] = {}
        for rule in rules:
            alert = inactive(rule, now)
            if record := fired.get(rule.name):
                alert = replace(
                    alert,
                    state="firing",
                    since_s=record.since_s,
                    value=record.value,
                    acknowledged=record.acknowledged,
                    notified_s=record.notified_s,
                    reminded_s=None
                    if record.notified_s is None
                    else now.monotonic_s - age_s(record.notified_s),
                )
            self._alerts[rule.name] = alert

    def firing(self) -> list[str]:
        """The names of the firing alerts."""
        return [name for name, alert in self._alerts.items() if alert.state == "firing"]

    def observe(
        self, values: Mapping[str, float], now: Instant, training: Training
    ) -> list[Transition]:
        """Evaluate every rule on the newest values; metrics not in `values` are missing."""
        for metric in {alert.rule.metric for alert in self._alerts.values()} & values.keys():
            self._seen[metric] = self._seen.get(metric, Extremes()).including(values[metric])
        transitions = []
        for name, alert in self._alerts.items():
            rule = alert.rule
            value = values.get(rule.metric)
            gone = value is None and not training.runs and not is_of_the_machine(rule.metric)
            if gone or not self._applies(rule, training):
                self._alerts[name], transition = deactivate(alert, now)
            else:
                self._alerts[name], transition = step(alert, value, now)
            if transition is not None:
                transitions.append(transition)
        return transitions

    def disarm(self) -> None:
        """Forget how good metrics were: a rollback may lead back to an untrained policy."""
        self._seen.clear()

    def _applies(self, rule: AlertRule, training: Training) -> bool:
        return (
            rule.stage in (None, training.stage)
            and training.stage_steps >= rule.stage_steps
            and is_armed(rule, self._seen.get(rule.metric, Extremes()))
        )

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
                replace(known, rule=rule) if known is not None and same else inactive(rule, now)
            )
        return [
            _resolved(alert, now)
            for name, alert in old.items()
            if alert.state == "firing"
            and (name not in self._alerts or self._alerts[name].state != "firing")
        ]

    def acknowledge(self, name: str, seen: Acknowledgement) -> bool:
        """Record that a user has seen a firing alert; False if it is not firing."""
        alert = self._alerts.get(name)
        if alert is None or alert.state != "firing":
            return False
        self._alerts[name] = replace(alert, acknowledged=seen)
        return True

    def due(self, silences: Sequence[Silence], now: Instant, repeat_s: float) -> list[Alert]:
        """The firing alerts that need a notice now; marks them as notified.

        One notice, repeated after `repeat_s` until acknowledged. A silence delays a notice until
        the silence ends; `silences`: those in force.
        """
        found = [
            alert
            for name, alert in self._alerts.items()
            if alert.state == "firing"
            and alert.rule.action != "log"
            and not is_silenced(name, silences)
            and (
                alert.reminded_s is None
                or (alert.acknowledged is None and now.monotonic_s - alert.reminded_s >= repeat_s)
            )
        ]
        for alert in found:
            self._alerts[alert.rule.name] = replace(
                alert, notified_s=now.unix_s, reminded_s=now.monotonic_s
            )
        return found

    def records(self) -> list[AlertRecord]:
        """The alerts that are not inactive."""
        return [
            AlertRecord(
                name=alert.rule.name,
                state=alert.state,
                since_s=alert.since_s,
                value=alert.value,
                metric=alert.rule.metric,
                comparison=alert.rule.comparison,
                threshold=alert.rule.threshold,
                severity=alert.rule.severity,
                summary=alert.rule.summary,
                acknowledged=alert.acknowledged,
                notified_s=alert.notified_s,
            )
            for alert in self._alerts.values()
            if alert.state != "inactive"
        ]
