"""The supervisor's regular round: sample the resources, judge the alerts, record both.

Sampling runs in a thread: a disk that hangs must not hold up heartbeats and requests.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from daemon.supervisor.aio.events import set_within
from daemon.supervisor.alerting.alert_manager import AlertManager
from daemon.supervisor.alerting.engine import NO_TRAINING, Training
from daemon.supervisor.alerting.event_counters import EventCounters
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.backups.offsite_targets import OffsiteTargets
from daemon.supervisor.context import Context
from daemon.supervisor.monitoring.resources import ResourceSampler
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

TOLD_INTERVAL_S = 60.0  # what is counted is recorded when it changes, and as often as this

_log = logging.getLogger(__name__)


class Monitor:
    """Goes round every `interval_s`; settings may change between two rounds."""

    def __init__(
        self,
        context: Context,
        sampler: ResourceSampler,
        desk: AlertManager,
        tally: EventCounters,
        *,
        notifier: Notifier,
        trainer: SupervisedTrainer,
        offsite: OffsiteTargets,
        interval_s: float,
    ) -> None:
        self._sampler = sampler
        self._desk = desk
        self._tally = tally
        self._notifier = notifier
        self._trainer = trainer
        self._offsite = offsite
        self._recorder = context.recorder
        self._clock = context.clock
        self._interval_s = interval_s
        self._changed = asyncio.Event()
        self.values: Mapping[str, float] = {}  # the newest of all that is measured
        self._told: Mapping[str, float] = {}
        self._told_s = 0.0

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            self._judge(await self._sample())
            await set_within(self._changed, self._interval_s)
            self._changed.clear()

    def reconfigure(self, interval_s: float) -> None:
        """Use another interval from now on, and go round at once."""
        self._interval_s = interval_s
        self._changed.set()

    def close(self) -> None:
        """The last word, once the trainer has ended: no alert about the training stays."""
        self._judge({})

    async def _sample(self) -> dict[str, float]:
        time_s = self._clock().unix_s
        try:
            found = await asyncio.to_thread(self._sampler.sample, self._trainer.pid, time_s)
        except OSError as error:
            # What cannot be measured is missing, not fine: alerts keep their state.
            _log.warning("resources cannot be sampled: %s", error)
            return {}
        self._recorder.resources(found.status)
        self._recorder.samples(time_s, found.samples)
        return found.samples

    def _judge(self, measured: dict[str, float]) -> None:
        now = self._clock()
        told = self._tally.metrics(now.unix_s)
        told["notify/waiting"] = float(self._notifier.waiting)
        told |= self._offsite.metrics()
        if told != self._told or now.monotonic_s - self._told_s >= TOLD_INTERVAL_S:
            self._recorder.samples(now.unix_s, told)
            self._told, self._told_s = told, now.monotonic_s
        self.values = self._trainer.metrics | measured | told
        self._desk.judge(self.values, self._training())

    def _training(self) -> Training:
        """What there is to judge, as the trainer told last."""
        news = self._trainer.telemetry
        if self._trainer.state != "RUNNING" or news is None or news.progress is None:
            return NO_TRAINING
        progress = news.progress
        on_ramp = progress.ramp_step < progress.ramp_steps
        return Training(runs=True, stage=None if on_ramp else progress.stage)
