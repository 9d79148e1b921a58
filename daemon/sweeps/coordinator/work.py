"""What a coordinator carries out, and with what."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from daemon.config import Config
from daemon.config.schema import Severity
from daemon.store.records import NoticeKind
from daemon.sweeps.coordinator.pinning import pin_newest
from daemon.sweeps.engines.engine import Engine
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.scheduling.scheduler import Scheduler
from daemon.sweeps.spec.schema import SweepSpec


class StuckError(Exception):
    """Trials wait for what nothing can bring about; the message is one line for the user."""


Notify = Callable[[NoticeKind, Severity, str], None]


class Clock(NamedTuple):
    """Where times come from (s); tests replace them."""

    unix_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    cpu_s: Callable[[], float] = time.process_time


@dataclass(frozen=True)
class Work:
    """One sweep, its engine and scheduler, and the machine's state."""

    sweep: SweepPaths
    spec: SweepSpec
    base: Config
    scheduler: Scheduler
    engine: Engine
    free_gb: Callable[[], float]  # of the disk with the trials
    notify: Notify  # the user
    pin: Callable[[Trial], str] = pin_newest  # HOME:RUN/STATE for forks of a paused trial
    clock: Clock = field(default_factory=Clock)
