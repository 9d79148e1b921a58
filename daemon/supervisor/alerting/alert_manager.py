"""What follows from alerts: events, notices to people, automatic actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from daemon.config.schema import AlertRule, NotifySettings
from daemon.store.records import Acknowledgement, AlertRecord, NoticeKind, Silence
from daemon.supervisor.alerting.engine import Alert, AlertEngine, Training, Transition, is_silenced
from daemon.supervisor.alerting.notices import measured, notices_of
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.alerting.silences import Silences
from daemon.supervisor.alerting.target_trial import try_targets
from daemon.supervisor.context import Context


class AlertManager:
    """Evaluates the rules and acts on the results.

    `stop_training` takes the reason, `roll_back` the rule's name and the observed value.
    """

    def __init__(
        self,
        context: Context,
        engine: AlertEngine,
        notifier: Notifier,
        settings: NotifySettings,
        *,
        stop_training: Callable[[str], None],
        roll_back: Callable[[str, str], None],
        silences: Silences,
    ) -> None:
        self._engine = engine
        self._notifier = notifier
        self._settings = settings
        self._recorder = context.recorder
        self._clock = context.clock
        self._stop_training = stop_training
        self._roll_back = roll_back
        self._silences = silences
        self._recorded_silences: list[Silence] | None = None
        self._recorded: list[AlertRecord] | None = None

    @property
    def records(self) -> list[AlertRecord]:
        """The alerts that were not inactive at the last evaluation."""
        return self._recorded or []

    @property
    def silenced_patterns(self) -> set[str]:
        """The patterns of the silences in force."""
        return {silence.pattern for silence in self._silences.in_force(self._clock())}

    def judge(self, values: Mapping[str, float], training: Training) -> None:
        """Evaluate every rule on the newest values."""
        self._apply(self._engine.observe(values, self._clock(), training))
        now = self._clock()
        silences = self._silences.in_force(now)
        if silences != self._recorded_silences:
            self._recorder.silences(silences)
            self._recorded_silences = silences
        for alert in self._engine.due(silences, now, self._settings.repeat_interval_s):
            kind: NoticeKind = "firing" if alert.notified_s is None else "reminder"
            self._notifier.put(notices_of(alert, kind, self._settings, now))
        self._record()

    def reconfigure(self, rules: Sequence[AlertRule], settings: NotifySettings) -> None:
        """Use other rules and targets from now on."""
        self._settings = settings
        self._notifier.reconfigure(settings)
        self._apply(self._engine.replace_rules(rules, self._clock()))

    def acknowledge(self, name: str, user: str, note: str) -> bool:
        """Record that a user has seen a firing alert; False if it is not firing."""
        seen = Acknowledgement(self._clock().unix_s, user, note)
        if not self._engine.acknowledge(name, seen):
            return False
        self._recorder.event(
            "alert.acknowledged",
            f"{name} was acknowledged by {user}{f': {note}' if note else ''}",
            body={"alert": name},
        )
        self._record()
        return True

    def silence(self, pattern: str, for_s: float, user: str, note: str) -> str:
        """Silence matching alerts for `for_s`; 0 ends a silence. Returns a text about it."""
        now = self._clock()
        self._silences.put(pattern, for_s, user, note, now)
        self._recorder.silences(self._silences.in_force(now))
        until = datetime.fromtimestamp(now.unix_s + for_s).strftime("%Y-%m-%d %H:%M")
        how = f"silenced until {until}" if for_s > 0.0 else "no longer silenced"
        text = f"alerts matching {pattern!r} are {how}"
        self._recorder.event(
            "alert.silenced",
            f"A{text[1:]}, by {user}{f': {note}' if note else ''}",
            body={"pattern": pattern, "for_s": for_s},
        )
        return text

    async def test(self, name: str | None, report: Callable[[str], None]) -> dict[str, str | None]:
        """Send a test to a target, or to all; returns each one's fault, None if it was delivered.

        Empty if there is no such target.
        """
        targets = [target for target in self._settings.targets if name in (None, target.name)]
        return await try_targets(
            targets,
            self._settings,
            deliver=self._notifier.deliver,
            recorder=self._recorder,
            clock=self._clock,
            report=report,
        )

    def _record(self) -> None:
        records = self._engine.records()
        if records != self._recorded:
            self._recorder.alerts(records)
            self._recorded = records

    def _apply(self, transitions: Sequence[Transition]) -> None:
        for transition in transitions:
            if transition.to == "firing":
                self._fire(transition.alert)
            else:
                self._resolve(transition.alert)

    def _fire(self, alert: Alert) -> None:
        rule = alert.rule
        self._recorder.event(
            "alert.firing",
            f"{rule.summary} ({measured(alert)})",
            severity=rule.severity,
            body={"alert": rule.name, "value": alert.value},
        )
        if rule.action in ("stop", "rollback"):
            what = "stops training" if rule.action == "stop" else "requests a rollback"
            self._recorder.event(
                "alert.acted",
                f'Alert {rule.name} {what}: action = "{rule.action}"',
                body={"alert": rule.name, "action": rule.action},
            )
        if rule.action == "stop":
            self._stop_training(f"alert {rule.name}")
        elif rule.action == "rollback":
            self._roll_back(rule.name, f"{rule.summary} ({measured(alert)})")

    def _resolve(self, alert: Alert) -> None:
        rule, now = alert.rule, self._clock()
        value = "no data" if alert.value is None else f"{rule.metric} = {alert.value:.4g}"
        self._recorder.event(
            "alert.resolved",
            f"{rule.name} is resolved ({value})",
            body={"alert": rule.name, "value": alert.value},
        )
        # Without a firing notice there is no resolved one.
        silenced = is_silenced(rule.name, self._silences.in_force(now))
        if alert.notified_s is not None and not silenced:
            self._notifier.put(notices_of(alert, "resolved", self._settings, now))
