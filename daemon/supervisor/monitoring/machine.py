"""Processor time and memory of the machine, or of the container that the supervisor runs in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from daemon.base.cgroup import SELF, ContainerLimits, Quota, read_limits, usable_cpus


@dataclass(frozen=True)
class MachineUsage:
    """What is used of what the supervisor and the trainer may use."""

    cpu_percent: float  # since the previous sample; 100 is all of `cpus`
    cpus: float  # of a container with a quota: may be a fraction
    cores: int  # `cpus` rounded up
    memory_used_percent: float
    memory_limit_bytes: int | None  # of the container; None: it is the machine's memory
    pids_used_percent: float | None  # None: the container does not limit them


class MachineSampler:
    """Samples on request. The first sample's processor time is 0 in a container with a quota.

    `proc`: this process's folder in /proc.
    """

    def __init__(self, proc: Path = SELF) -> None:
        self._proc = proc
        self._before: tuple[float, float] | None = None  # monotonic time, and time used (s)
        psutil.cpu_percent(percpu=True)

    def sample(self, time_s: float) -> MachineUsage:
        """Measure now, at the monotonic time `time_s`."""
        limits = read_limits(self._proc)
        cores = usable_cpus(limits)
        quota = limits.cpu
        if quota is not None and quota.cpus >= len(os.sched_getaffinity(0)):
            quota = None
        percent = _allowed_cpu_percent() if quota is None else self._quota_percent(quota, time_s)
        used_percent, limit_bytes = _memory(limits)
        return MachineUsage(
            cpu_percent=percent,
            cpus=cores if quota is None else quota.cpus,
            cores=cores,
            memory_used_percent=used_percent,
            memory_limit_bytes=limit_bytes,
            pids_used_percent=100.0 * limits.pids.used / limits.pids.limit if limits.pids else None,
        )

    def _quota_percent(self, quota: Quota, time_s: float) -> float:
        before = self._before
        self._before = None if quota.used_s is None else (time_s, quota.used_s)
        if before is None or quota.used_s is None or time_s <= before[0]:
            return 0.0
        return 100.0 * max(quota.used_s - before[1], 0.0) / (time_s - before[0]) / quota.cpus


def _allowed_cpu_percent() -> float:
    """The mean of the processors that this process may use."""
    each = psutil.cpu_percent(percpu=True)
    allowed = [each[cpu] for cpu in os.sched_getaffinity(0) if cpu < len(each)] or each
    return sum(allowed) / len(allowed)


def _memory(limits: ContainerLimits) -> tuple[float, int | None]:
    machine = psutil.virtual_memory()
    share = limits.memory
    if share is None or share.limit >= machine.total or not share.limit:
        return machine.percent, None
    return 100.0 * share.used / share.limit, share.limit
