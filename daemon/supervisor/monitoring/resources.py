"""Resource usage of the machine, the trainer's process tree and the supervisor (psutil, NVML)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from daemon.store.records import ResourceStatus
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.monitoring import gpus
from daemon.supervisor.monitoring.gpus import GpuSampler
from daemon.supervisor.monitoring.machine import MachineSampler
from daemon.supervisor.monitoring.memory_growth import MemoryGrowth

BYTES_PER_GB = 1e9
BYTES_PER_MB = 1e6


@dataclass(frozen=True)
class Measurement:
    """One round: the current status, and samples for the store, by name."""

    status: ResourceStatus
    samples: dict[str, float]


@dataclass(frozen=True)
class _Usage:
    """Usage of a process tree."""

    cpu_percent: float  # 100 is one core
    rss_bytes: int
    descriptors: int
    threads: int
    zombies: int


class ResourceSampler:
    """Samples on request. Percentages and rates cover the time since the previous sample: the first
    are 0.

    `n_envs`: number of landers, for the memory per lander.
    """

    def __init__(self, home: Path, n_envs: int) -> None:
        self._home = home
        self._n_envs = n_envs
        self._self = psutil.Process()
        self._tree: dict[int, psutil.Process] = {}
        self._disk_bytes: tuple[float, int, int] | None = None
        self._growth = MemoryGrowth()
        self._gpus = GpuSampler()
        self._machine = MachineSampler()
        self._self.cpu_percent()

    def sample(self, trainer_pid: int | None, now: Instant) -> Measurement:
        """Measure now. Raises OSError (home is gone)."""
        usage = self._sample_trainer(trainer_pid)
        disk = psutil.disk_usage(str(self._home))
        machine, own = self._machine.sample(now.monotonic_s), self._self.cpu_percent()
        memory = self._self.memory_info().rss
        status = ResourceStatus(
            time_s=now.unix_s,
            cpu_machine_percent=machine.cpu_percent,
            cpu_trainer_percent=usage.cpu_percent if usage else None,
            cpu_supervisor_percent=own,
            memory_used_percent=machine.memory_used_percent,
            memory_trainer_bytes=usage.rss_bytes if usage else None,
            memory_supervisor_bytes=memory,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            cores=machine.cores,
            gpus=self._gpus.sample(),
            memory_limit_bytes=machine.memory_limit_bytes,
        )
        samples = {
            "cpu/machine_percent": machine.cpu_percent,
            "cpu/supervisor_percent": own,
            "memory/used_percent": status.memory_used_percent,
            "memory/swap_percent": psutil.swap_memory().percent,
            "memory/supervisor_bytes": float(memory),
            "disk/free_gb": disk.free / BYTES_PER_GB,
            "process/supervisor_descriptors": float(self._self.num_fds()),
        }
        samples |= self._disk_rates(now.monotonic_s) | _temperature() | gpus.samples(status.gpus)
        if machine.pids_used_percent is not None:
            samples["process/limit_used_percent"] = machine.pids_used_percent
        if usage is not None:
            samples |= self._trainer_samples(usage, now.monotonic_s)
            # CPU that training cannot use: recorded only while there is a trainer.
            trained = (usage.cpu_percent + own) / machine.cpus
            samples["cpu/others_percent"] = max(machine.cpu_percent - trained, 0.0)
        return Measurement(status, samples)

    def _trainer_samples(self, usage: _Usage, time_s: float) -> dict[str, float]:
        samples = {
            "cpu/trainer_percent": usage.cpu_percent,
            "memory/trainer_bytes": float(usage.rss_bytes),
            "memory/lander_mb": usage.rss_bytes / BYTES_PER_MB / self._n_envs,
            "process/trainer_descriptors": float(usage.descriptors),
            "process/trainer_threads": float(usage.threads),
            "process/zombies": float(usage.zombies),
        }
        self._growth.add(time_s, usage.rss_bytes / BYTES_PER_GB)
        if (growth := self._growth.gb_per_day) is not None:
            samples["memory/growth_gb_per_day"] = growth
        return samples

    def _sample_trainer(self, pid: int | None) -> _Usage | None:
        """The sum over the trainer and its children; None without a trainer."""
        if pid is None:
            self._forget()
            return None
        try:
            root = self._tree.get(pid) or psutil.Process(pid)
            members = [root, *root.children(recursive=True)]
        except psutil.Error:
            self._forget()
            return None
        if pid not in self._tree:
            self._growth = MemoryGrowth()  # of this process, not of the previous one
        # Reuse the Process objects: they hold the previous CPU times.
        self._tree = {member.pid: self._tree.get(member.pid, member) for member in members}
        cpu_percent, rss_bytes, descriptors, threads, zombies = 0.0, 0, 0, 0, 0
        for member in self._tree.values():
            try:
                with member.oneshot():
                    if member.status() == psutil.STATUS_ZOMBIE:
                        zombies += 1
                        continue
                    cpu_percent += member.cpu_percent()
                    rss_bytes += member.memory_info().rss
                    descriptors += member.num_fds()
                    threads += member.num_threads()
            except psutil.Error:
                continue  # it has exited, or access is denied
        return _Usage(cpu_percent, rss_bytes, descriptors, threads, zombies)

    def _forget(self) -> None:
        self._tree.clear()
        self._growth = MemoryGrowth()

    def _disk_rates(self, time_s: float) -> dict[str, float]:
        """MB/s of the machine's disks; empty at the first sample."""
        counters = psutil.disk_io_counters()
        if counters is None:
            return {}
        before, now = self._disk_bytes, (time_s, counters.read_bytes, counters.write_bytes)
        self._disk_bytes = now
        if before is None or now[0] <= before[0]:
            return {}
        span = (now[0] - before[0]) * BYTES_PER_MB
        return {
            "disk/read_mb_s": max(now[1] - before[1], 0) / span,
            "disk/write_mb_s": max(now[2] - before[2], 0) / span,
        }


def _temperature() -> dict[str, float]:
    """The machine's hottest sensor, if it has any."""
    found = [
        entry.current for entries in psutil.sensors_temperatures().values() for entry in entries
    ]
    return {"temperature/hottest_c": max(found)} if found else {}
