"""The supervisor's regular round: sample the resources, judge the alerts, record both.

Sampling runs in a thread: a disk that hangs must not hold up heartbeats and requests.
"""

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
            self._judge(await self._sample())
            await set_within(self._changed, self._interval_s)
            self._changed.clear()

    def reconfigure(self, rules: Sequence[AlertRule], interval_s: float) -> None:
        """Use other alert rules and another interval from now on."""
        self._tell(self._engine.replace_rules(rules, self._clock()))
        self._interval_s = interval_s
        self._changed.set()

    def close(self) -> None:
        """The last word, once the trainer has ended: no alert about the training stays."""
        self._judge({})

    async def _sample(self) -> dict[str, float]:
        time_s = self._clock().unix_s
        try:
            status = await asyncio.to_thread(self._sampler.sample, self._trainer.pid, time_s)
        except OSError as error:
            # What cannot be measured is missing, not fine: alerts keep their state.
            _log.warning("resources cannot be sampled: %s", error)
            return {}
        measured = resource_samples(status)
        self._recorder.resources(status)
        self._recorder.samples(time_s, measured)
        return measured

    def _judge(self, measured: dict[str, float]) -> None:
        values = self._trainer.metrics | measured
        training = self._trainer.state == "RUNNING"
        self._tell(self._engine.observe(values, self._clock(), training=training))
        records = self._engine.records()
        if records != self._recorded:
            self._recorder.alerts(records)
            self._recorded = records

    def _tell(self, transitions: Sequence[Transition]) -> None:
        for transition in transitions:
            alert, rule = transition.alert, transition.alert.rule
            measured = "" if alert.value is None else f"{rule.metric} = {alert.value:.4g}"
            if transition.to == "firing":
                self._recorder.event(
                    "alert.firing",
                    f"{rule.summary} ({measured}, {rule.comparison} {rule.threshold:g})",
                    severity=rule.severity,
                    body={"alert": rule.name, "value": alert.value},
                )
            else:
                self._recorder.event(
                    "alert.resolved",
                    f"{rule.name} is over ({measured or 'nothing trains'})",
                    body={"alert": rule.name, "value": alert.value},
                )
