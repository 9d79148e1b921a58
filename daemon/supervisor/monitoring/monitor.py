"""The supervisor's regular round: sample resources, evaluate alert rules, record both.

Sampling runs in a thread: a hanging disk must not block heartbeats and requests.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from daemon.supervisor.aio.events import set_within
from daemon.supervisor.alerting.alert_manager import AlertManager
from daemon.supervisor.alerting.engine import NO_TRAINING, Training
from daemon.supervisor.alerting.event_counters import EventCounters
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.backups.offsite_targets import OffsiteTargets
from daemon.supervisor.context import Context
from daemon.supervisor.monitoring.resources import ResourceSampler
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

COUNTERS_INTERVAL_S = 60.0  # counters are recorded when one changes, and at this interval

_log = logging.getLogger(__name__)


class Monitor:
    """Runs a round every `interval_s`; settings may change between rounds."""

    def __init__(
        self,
        context: Context,
        sampler: ResourceSampler,
        alerts: AlertManager,
        event_counters: EventCounters,
        *,
        notifier: Notifier,
        trainer: SupervisedTrainer,
        offsite: OffsiteTargets,
        servers: Callable[[], Mapping[str, float]],
        checklist: Callable[[], Mapping[str, float]],
        interval_s: float,
    ) -> None:
        self._sampler = sampler
        self._alerts = alerts
        self._event_counters = event_counters
        self._notifier = notifier
        self._trainer = trainer
        self._offsite = offsite
        self._servers = servers
        self._checklist = checklist
        self._recorder = context.recorder
        self._clock = context.clock
        self._interval_s = interval_s
        self._changed = asyncio.Event()
        self.values: Mapping[str, float] = {}  # the newest value of every metric
        self._recorded: Mapping[str, float] = {}
        self._recorded_s = 0.0

    async def run(self) -> None:
        """Run rounds until cancelled."""
        while True:
            self._judge(await self._sample())
            await set_within(self._changed, self._interval_s)
            self._changed.clear()

    def reconfigure(self, interval_s: float) -> None:
        """Use another interval from now on, and run a round at once."""
        self._interval_s = interval_s
        self._changed.set()

    def close(self) -> None:
        """Run a last round after the trainer's exit: this resolves all training alerts."""
        self._judge({})

    async def _sample(self) -> dict[str, float]:
        now = self._clock()
        try:
            found = await asyncio.to_thread(self._sampler.sample, self._trainer.pid, now)
        except OSError as error:
            # Values that cannot be measured are missing: alerts keep their state.
            _log.warning("resources could not be sampled: %s", error)
            return {}
        self._recorder.resources(found.status)
        self._recorder.samples(now.unix_s, found.samples)
        return found.samples

    def _judge(self, measured: dict[str, float]) -> None:
        now = self._clock()
        counters = self._event_counters.metrics(now.monotonic_s)
        counters["notify/waiting"] = float(self._notifier.waiting)
        counters |= self._servers()
        counters["store/failing"] = float(self._recorder.problem is not None)
        counters |= self._offsite.metrics()
        if counters != self._recorded or now.monotonic_s - self._recorded_s >= COUNTERS_INTERVAL_S:
            self._recorder.samples(now.unix_s, counters)
            self._recorded, self._recorded_s = counters, now.monotonic_s
        self.values = self._trainer.metrics | measured | counters | dict(self._checklist())
        self._alerts.judge(self.values, self._training())

    def _training(self) -> Training:
        """What the rules apply to, by the trainer's last report."""
        progress = self._trainer.progress
        if self._trainer.state != "RUNNING" or progress is None:
            return NO_TRAINING
        on_ramp = progress.ramp_step < progress.ramp_steps
        stage = None if on_ramp else progress.stage
        return Training(runs=True, stage=stage, stage_steps=progress.stage_timesteps)
