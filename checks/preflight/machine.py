"""The machine: cores, memory and disk that this process may use, and its GPU."""

from __future__ import annotations

from pathlib import Path

import msgspec

from checks.evidence import DiskEvidence
from checks.preflight.row import Row
from checks.verdict import Level
from checks.wording import size
from daemon.base.cgroup import read_limits, usable_cpus
from daemon.base.text.counted import counted
from daemon.config.schema import ChecklistSettings

GIGABYTE = 1e9
# Where each kind of torch's devices shows: CUDA's and ROCm's driver, which are both "cuda" to it.
_DEVICES = {"cuda": ("/dev/nvidiactl", "/dev/kfd"), "xpu": ("/dev/dri",)}
_MEMORY = Path("/proc/meminfo")
_CARRY_ON = "use a larger machine, or go on: it is a recommendation"


class MachineFacts(msgspec.Struct, frozen=True):
    """What this process may use: a container's limit where there is one. None: unknown."""

    cores: int
    cores_limited: bool  # by a container
    memory_bytes: int | None
    memory_limited: bool
    disk_free_bytes: int | None  # of the state folder's file system
    devices: tuple[str, ...]  # kinds of torch's devices whose driver is there


def collect_machine(disk: DiskEvidence | None) -> MachineFacts:
    """The facts of now."""
    limits = read_limits()
    memory_bytes, limit = _memory_bytes(), limits.memory.limit if limits.memory else None
    limited = limit is not None and (memory_bytes is None or limit < memory_bytes)
    return MachineFacts(
        cores=usable_cpus(limits),
        cores_limited=limits.cpu is not None,
        memory_bytes=limit if limited else memory_bytes,
        memory_limited=limited,
        disk_free_bytes=disk.free_bytes if disk else None,
        devices=tuple(
            kind for kind, nodes in _DEVICES.items() if any(Path(node).exists() for node in nodes)
        ),
    )


def machine_rows(
    facts: MachineFacts, limits: ChecklistSettings, device: str
) -> tuple[Row, Row, Row, Row]:
    """Cores, memory, disk and device. Less than recommended is a WARNING; no device CRITICAL."""
    return (
        _cores(facts, limits),
        _memory(facts, limits),
        _disk(facts, limits),
        _device(facts, device),
    )


def _cores(facts: MachineFacts, limits: ChecklistSettings) -> Row:
    limited = " (container limit)" if facts.cores_limited else ""
    text = f"{counted(facts.cores, 'core')}{limited}, {limits.cores} recommended"
    enough = facts.cores >= limits.cores
    level, remedy = (Level.OK, "") if enough else (Level.WARNING, _CARRY_ON)
    return Row("cores", level, text, remedy, {"cores": facts.cores})


def _memory(facts: MachineFacts, limits: ChecklistSettings) -> Row:
    if facts.memory_bytes is None:
        return Row("memory", Level.UNKNOWN, f"{_MEMORY} cannot be read", "see `free -g`")
    limited = " (container limit)" if facts.memory_limited else ""
    text = f"{size(facts.memory_bytes)}{limited}, {limits.memory_gb:g} GB recommended"
    enough = facts.memory_bytes >= limits.memory_gb * GIGABYTE
    level, remedy = (Level.OK, "") if enough else (Level.WARNING, _CARRY_ON)
    figures = {"memory_gb": round(facts.memory_bytes / GIGABYTE, 2)}
    return Row("memory", level, text, remedy, dict(figures))


def _disk(facts: MachineFacts, limits: ChecklistSettings) -> Row:
    if facts.disk_free_bytes is None:
        return Row("disk", Level.UNKNOWN, "free space cannot be measured", "see `df`")
    text = f"{size(facts.disk_free_bytes)} free, {limits.disk_gb:g} GB recommended"
    enough = facts.disk_free_bytes >= limits.disk_gb * GIGABYTE
    level = Level.OK if enough else Level.WARNING
    remedy = "" if enough else "free space, name another --home, or go on: it is a recommendation"
    figures = {"disk_free_gb": round(facts.disk_free_bytes / GIGABYTE, 2)}
    return Row("disk", level, text, remedy, dict(figures))


def _device(facts: MachineFacts, device: str) -> Row:
    kind = device.partition(":")[0]
    if kind == "cpu" or kind in facts.devices:
        return Row("device", Level.OK, f"run.device is {device}")
    if kind not in _DEVICES:
        return Row("device", Level.UNKNOWN, f"run.device is {device}", "`landerctl selftest`")
    text = f"run.device is {device}, but there is no driver of such a device"
    return Row("device", Level.CRITICAL, text, 'set run.device = "cpu"')


def _memory_bytes() -> int | None:
    try:
        for line in _MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return None
    return None
