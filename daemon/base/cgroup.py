"""The limits of a container: what its control groups (man 7 cgroups, version 1 and 2) leave a
process of the machine's memory, processor time and process numbers.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SELF = Path("/proc/self")
UNLIMITED_BYTES = 1 << 60  # version 1 has no word for "no limit" but a number above any memory
_ESCAPED = re.compile(r"\\([0-7]{3})")  # in mountinfo: a space, tab, newline or backslash


@dataclass(frozen=True)
class Share:
    """What is used of a limit, in the limit's unit."""

    used: int
    limit: int


@dataclass(frozen=True)
class Quota:
    """Processors' worth of time, and the time used so far (s; None: not counted)."""

    cpus: float
    used_s: float | None


@dataclass(frozen=True)
class ContainerLimits:
    """The tightest limits on the path from a process's group to the root. None: no limit.

    `memory` in bytes, without page cache, which the kernel gives back.
    """

    memory: Share | None = None
    cpu: Quota | None = None
    pids: Share | None = None


def read_limits(proc: Path = SELF) -> ContainerLimits:
    """The limits of the process with this folder in /proc. What cannot be read does not limit."""
    groups = _groups(proc)
    quotas = [_cpu(path, groups) for path in groups["cpu"]]
    return ContainerLimits(
        _tightest(_memory(path) for path in groups["memory"]),
        min((quota for quota in quotas if quota), key=lambda quota: quota.cpus, default=None),
        _tightest(_pids(path) for path in groups["pids"]),
    )


def usable_cpus(limits: ContainerLimits) -> int:
    """Processors that this process may use at a time: by its affinity and its quota."""
    allowed = len(os.sched_getaffinity(0))
    return allowed if limits.cpu is None else max(1, min(allowed, math.ceil(limits.cpu.cpus)))


def _tightest(shares: Iterable[Share | None]) -> Share | None:
    return min((share for share in shares if share), key=lambda share: share.limit, default=None)


def _groups(proc: Path) -> dict[str, list[Path]]:
    """Each controller's folders: of the process's own group, then its ancestors.

    A version 2 hierarchy stands for every controller that no version 1 hierarchy has.
    """
    own: dict[str, str] = {}
    for line in _read(proc / "cgroup").splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        own |= dict.fromkeys(names.split(","), path)
    found: dict[str, list[Path]] = {}
    for line in _read(proc / "mountinfo").splitlines():
        place, _, kind = line.partition(" - ")
        fields, (filesystem, _, *options) = place.split(" "), [*kind.split(" "), "", ""]
        if filesystem == "cgroup2":
            controllers = [""]
        elif filesystem == "cgroup":
            controllers = options[0].split(",")
        else:
            continue
        root, mount = (_unescaped(field) for field in fields[3:5])
        for name in controllers:
            if name in own and name not in found:
                found[name] = _ancestors(Path(mount), own[name], root)
    unified = found.get("", [])
    return {name: found.get(name, unified) for name in ("memory", "cpu", "cpuacct", "pids")}


def _ancestors(mount: Path, path: str, root: str) -> list[Path]:
    """The folders of group `path` and its ancestors up to `mount`, which shows group `root`.

    A group outside of what is mounted, as in some containers, is the mounted one.
    """
    inside = os.path.relpath(path, root) if path.startswith("/") else ".."
    if inside.startswith(".."):
        return [mount]
    own = mount / inside
    return [own, *(parent for parent in own.parents if parent.is_relative_to(mount))]


def _memory(group: Path) -> Share | None:
    limit = _number(group / "memory.max") or _number(group / "memory.limit_in_bytes")
    used = _number(group / "memory.current") or _number(group / "memory.usage_in_bytes")
    if limit is None or used is None or limit >= UNLIMITED_BYTES:
        return None
    stat = _table(group / "memory.stat")
    prefix = "total_" if "total_inactive_file" in stat else ""
    cache = stat.get(f"{prefix}inactive_file", 0) + stat.get(f"{prefix}active_file", 0)
    return Share(max(used - cache, 0), limit)


def _cpu(group: Path, groups: Mapping[str, list[Path]]) -> Quota | None:
    quota, _, period = _read(group / "cpu.max").strip().partition(" ")
    if quota:
        used_us = _table(group / "cpu.stat").get("usage_usec")
        used_s = None if used_us is None else used_us / 1e6
    else:
        quota = _read(group / "cpu.cfs_quota_us").strip()
        period = _read(group / "cpu.cfs_period_us").strip()
        used_s = _used_s(group, groups)
    if not (quota.isdigit() and period.isdigit() and int(quota) and int(period)):
        return None  # "max", or -1 in version 1
    return Quota(int(quota) / int(period), used_s)


def _used_s(group: Path, groups: Mapping[str, list[Path]]) -> float | None:
    """Version 1 counts time in a controller of its own, at the same place of its hierarchy."""
    same = groups["cpuacct"][groups["cpu"].index(group) :] if groups["cpuacct"] else []
    used_ns = _number(same[0] / "cpuacct.usage") if same else None
    return None if used_ns is None else used_ns / 1e9


def _pids(group: Path) -> Share | None:
    limit, used = _number(group / "pids.max"), _number(group / "pids.current")
    return None if limit is None or used is None else Share(used, limit)


def _number(path: Path) -> int | None:
    """None for "max", and for a file that does not exist."""
    text = _read(path).strip()
    return int(text) if text.isdigit() else None


def _table(path: Path) -> dict[str, int]:
    rows = (line.split() for line in _read(path).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except OSError:
        return ""
