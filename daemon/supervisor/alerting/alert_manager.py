"""What becomes of alerts: events, notices to people, and what a rule says is done by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from daemon.config.schema import AlertRule, NotifySettings
from daemon.store.records import Acknowledgement, AlertRecord, NoticeKind, Silence
from daemon.supervisor.alerting.engine import Alert, AlertEngine, Training, Transition, is_silenced
from daemon.supervisor.alerting.notices import measured, notices_of, test_notices
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.context import Context

MAX_SILENCES = 100


class AlertManager:
    """Judges the rules, and passes on what comes of it.

    `stop_training` is told the reason, `roll_back` the rule's name and what was seen.
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
        silences: Iterable[Silence] = (),
    ) -> None:
        self._engine = engine
        self._notifier = notifier
        self._settings = settings
        self._recorder = context.recorder
        self._clock = context.clock
        self._stop_training = stop_training
        self._roll_back = roll_back
        self._silences = list(silences)
        self._recorded: list[AlertRecord] | None = None

    @property
    def records(self) -> list[AlertRecord]:
        """The alerts that were not inactive when they were judged last."""
        return self._recorded or []

    @property
    def silenced_patterns(self) -> set[str]:
        """Of the silences in force."""
        now_s = self._clock().unix_s
        return {silence.pattern for silence in self._silences if silence.in_force(now_s)}

    def judge(self, values: Mapping[str, float], training: Training) -> None:
        """Judge every rule by the newest values."""
        self._pass_on(self._engine.observe(values, self._clock(), training))
        now = self._clock()
        for alert in self._engine.due(self._silences, now, self._settings.repeat_interval_s):
            kind: NoticeKind = "firing" if alert.notified_s is None else "reminder"
            self._notifier.put(notices_of(alert, kind, self._settings, now.unix_s))
        self._record()

    def reconfigure(self, rules: Sequence[AlertRule], settings: NotifySettings) -> None:
        """Use other rules and other targets from now on."""
        self._settings = settings
        self._notifier.reconfigure(settings)
        self._pass_on(self._engine.replace_rules(rules, self._clock()))

    def acknowledge(self, name: str, user: str, note: str) -> bool:
        """Note that someone has seen a firing alert; False where it does not fire."""
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
        """Tell nobody of alerts that match, for so long; 0 ends such a silence. What holds now."""
        now_s = self._clock().unix_s
        kept = [s for s in self._silences if s.in_force(now_s) and s.pattern != pattern]
        if for_s > 0.0:
            kept.append(Silence(pattern, now_s + for_s, user, note))
        self._silences = kept[-MAX_SILENCES:]
        self._recorder.silences(self._silences)
        until = datetime.fromtimestamp(now_s + for_s).strftime("%Y-%m-%d %H:%M")
        how = f"silenced until {until}" if for_s > 0.0 else "silenced no longer"
        text = f"alerts that match {pattern!r} are {how}"
        self._recorder.event(
            "alert.silenced",
            f"A{text[1:]}, by {user}{f': {note}' if note else ''}",
            body={"pattern": pattern, "for_s": for_s},
        )
        return text

    def test(self) -> int:
        """Send a test to every target; how many there are."""
        notices = test_notices(self._settings, self._clock().unix_s)
        self._notifier.put(notices)
        return len(notices)

    def _record(self) -> None:
        records = self._engine.records()
        if records != self._recorded:
            self._recorder.alerts(records)
            self._recorded = records

    def _pass_on(self, transitions: Sequence[Transition]) -> None:
        for transition in transitions:
            if transition.to == "firing":
                self._begin(transition.alert)
            else:
                self._end(transition.alert)

    def _begin(self, alert: Alert) -> None:
        rule = alert.rule
        self._recorder.event(
            "alert.firing",
            f"{rule.summary} ({measured(alert)})",
            severity=rule.severity,
            body={"alert": rule.name, "value": alert.value},
        )
        if rule.action in ("stop", "rollback"):
            what = "stops the training" if rule.action == "stop" else "asks for a rollback"
            self._recorder.event(
                "alert.acted",
                f"{rule.name} {what}, as its rule says",
                body={"alert": rule.name, "action": rule.action},
            )
        if rule.action == "stop":
            self._stop_training(f"alert {rule.name}")
        elif rule.action == "rollback":
            self._roll_back(rule.name, f"{rule.summary} ({measured(alert)})")

    def _end(self, alert: Alert) -> None:
        rule, now_s = alert.rule, self._clock().unix_s
        value = "nothing to judge" if alert.value is None else f"{rule.metric} = {alert.value:.4g}"
        self._recorder.event(
            "alert.resolved",
            f"{rule.name} is over ({value})",
            body={"alert": rule.name, "value": alert.value},
        )
        # Who was told that it began is told that it is over.
        if alert.notified_s is not None and not is_silenced(rule.name, self._silences, now_s):
            self._notifier.put(notices_of(alert, "resolved", self._settings, now_s))
