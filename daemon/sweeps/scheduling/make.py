"""The scheduler that a sweep asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daemon.sweeps.scheduling.asha import Asha
from daemon.sweeps.scheduling.halving import Halving
from daemon.sweeps.scheduling.median import MedianStopping
from daemon.sweeps.scheduling.none import NoScheduler
from daemon.sweeps.scheduling.population import Population
from daemon.sweeps.scheduling.scheduler import Scheduler
from daemon.sweeps.spec.schema import SchedulerName, SweepSpec

SCHEDULERS: Mapping[SchedulerName, Callable[[SweepSpec], Scheduler]] = {
    "none": NoScheduler,
    "median": MedianStopping,
    "halving": Halving,
    "asha": Asha,
    "population": Population,
}


def make_scheduler(spec: SweepSpec) -> Scheduler:
    """The scheduler named in a sweep's file."""
    return SCHEDULERS[spec.scheduler.name](spec)
