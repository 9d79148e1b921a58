"""What the machine, the trainer's process tree and the supervisor use, by psutil."""

from __future__ import annotations

from pathlib import Path

import psutil

from daemon.store.records import ResourceStatus

BYTES_PER_GB = 1e9
# What is measured whether or not anything trains.
MACHINE_METRICS = frozenset(
    {
        "cpu/machine_percent",
        "cpu/supervisor_percent",
        "memory/used_percent",
        "memory/supervisor_bytes",
        "disk/free_gb",
    }
)


class ResourceSampler:
    """Samples on request. Percentages cover the time since the sample before: the first is 0."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._self = psutil.Process()
        self._tree: dict[int, psutil.Process] = {}
        psutil.cpu_percent()
        self._self.cpu_percent()

    def sample(self, trainer_pid: int | None, time_s: float) -> ResourceStatus:
        """Measure now; `time_s` (Unix) is what the record says. Raises OSError (home is gone)."""
        cpu_percent, rss_bytes = self._sample_trainer(trainer_pid)
        disk = psutil.disk_usage(str(self._home))
        return ResourceStatus(
            time_s=time_s,
            cpu_machine_percent=psutil.cpu_percent(),
            cpu_trainer_percent=cpu_percent,
            cpu_supervisor_percent=self._self.cpu_percent(),
            memory_used_percent=psutil.virtual_memory().percent,
            memory_trainer_bytes=rss_bytes,
            memory_supervisor_bytes=self._self.memory_info().rss,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            cores=psutil.cpu_count() or 1,
        )

    def _sample_trainer(self, pid: int | None) -> tuple[float | None, int | None]:
        """CPU (100 is one core) and resident memory, summed over the trainer and its children."""
        if pid is None:
            self._tree.clear()
            return None, None
        try:
            root = self._tree.get(pid) or psutil.Process(pid)
            members = [root, *root.children(recursive=True)]
        except psutil.Error:
            self._tree.clear()
            return None, None
        # The same Process objects must be asked each time: they hold the CPU times of the last.
        self._tree = {member.pid: self._tree.get(member.pid, member) for member in members}
        cpu_percent, rss_bytes = 0.0, 0
        for member in self._tree.values():
            try:
                cpu_percent += member.cpu_percent()
                rss_bytes += member.memory_info().rss
            except psutil.Error:
                continue  # it has ended, or is none of ours
        return cpu_percent, rss_bytes


def resource_samples(status: ResourceStatus) -> dict[str, float]:
    """The samples that the store keeps of one measurement, by name."""
    values = {
        "cpu/machine_percent": status.cpu_machine_percent,
        "cpu/supervisor_percent": status.cpu_supervisor_percent,
        "memory/used_percent": status.memory_used_percent,
        "memory/supervisor_bytes": float(status.memory_supervisor_bytes),
        "disk/free_gb": status.disk_free_bytes / BYTES_PER_GB,
    }
    if status.cpu_trainer_percent is not None:
        values["cpu/trainer_percent"] = status.cpu_trainer_percent
    if status.memory_trainer_bytes is not None:
        values["memory/trainer_bytes"] = float(status.memory_trainer_bytes)
    return values
