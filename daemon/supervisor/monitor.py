"""The supervisor's regular round: sample the resources, judge the alerts, record both."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from daemon.config.schema import AlertRule
from daemon.store.records import AlertRecord
from daemon.supervisor.alerts import AlertEngine, Transition
from daemon.supervisor.clock import Clock
from daemon.supervisor.lease import set_within
from daemon.supervisor.recorder import Recorder
from daemon.supervisor.resources import ResourceSampler, resource_samples
from daemon.supervisor.trainer import SupervisedTrainer

_log = logging.getLogger(__name__)


class Monitor:
    """Goes round every `interval_s`; settings may change between two rounds."""

    def __init__(
        self,
        sampler: ResourceSampler,
        engine: AlertEngine,
        trainer: SupervisedTrainer,
        *,
        recorder: Recorder,
        clock: Clock,
        interval_s: float,
    ) -> None:
        self._sampler = sampler
        self._engine = engine
        self._trainer = trainer
        self._recorder = recorder
        self._clock = clock
        self._interval_s = interval_s
        self._changed = asyncio.Event()
        self._recorded: list[AlertRecord] | None = None

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            self._round()
            await set_within(self._changed, self._interval_s)
            self._changed.clear()

    def reconfigure(self, rules: Sequence[AlertRule], interval_s: float) -> None:
        """Use other alert rules and another interval from now on."""
        self._tell(self._engine.replace_rules(rules, self._clock()))
        self._interval_s = interval_s
        self._changed.set()

    def _round(self) -> None:
        now = self._clock()
        values = dict(self._trainer.metrics)
        try:
            status = self._sampler.sample(self._trainer.pid, now.unix_s)
        except OSError as error:
            # What cannot be measured is missing, not fine: alerts keep their state.
            _log.warning("resources cannot be sampled: %s", error)
        else:
            measured = resource_samples(status)
            values |= measured
            self._recorder.resources(status)
            self._recorder.samples(now.unix_s, measured)
        self._tell(self._engine.observe(values, now))
        records = self._engine.records()
        if records != self._recorded:
            self._recorder.alerts(records)
            self._recorded = records

    def _tell(self, transitions: Sequence[Transition]) -> None:
        for transition in transitions:
            alert, rule = transition.alert, transition.alert.rule
            value = "unknown" if alert.value is None else f"{alert.value:.4g}"
            condition = f"{rule.metric} = {value}, {rule.comparison} {rule.threshold:g}"
            if transition.to == "firing":
                self._recorder.event(
                    "alert.firing",
                    f"{rule.summary} ({condition})",
                    severity=rule.severity,
                    body={"alert": rule.name, "value": alert.value},
                )
            else:
                self._recorder.event(
                    "alert.resolved",
                    f"{rule.name} is over ({rule.metric} = {value})",
                    body={"alert": rule.name, "value": alert.value},
                )
