"""The system around a training: clock, disk speed, limits, ports, caches, what starts jobs."""

from __future__ import annotations

import msgspec

from checks.preflight.row import Row
from checks.verdict import Level
from checks.wording import number

# A trainer has 60 descriptors, its supervisor as many; the alert rule is at 500.
LEAST_DESCRIPTORS, GOOD_DESCRIPTORS = 256, 1024
LEAST_PROCESSES = 200  # threads count: a trainer has 20 to 60, a drill the same again
# A checkpoint has 2 MB, and the store is flushed every two seconds.
SLOW_MB_S, SLOW_FSYNC_MS = 20.0, 100.0
CACHE_BYTES = 32 << 20  # env/base/compilation_cache.py


class DiskSpeed(msgspec.Struct, frozen=True):
    """Measured in a folder: sequential writes with a flush, and the median flush of a page."""

    folder: str
    write_mb_s: float | None = None
    fsync_ms: float | None = None
    problem: str = ""


class LimitFacts(msgspec.Struct, frozen=True):
    """How many more there may be. None: no limit, or unknown."""

    descriptors: int | None
    processes: int | None


class PortFact(msgspec.Struct, frozen=True):
    """A port of the configuration. `ours`: the running daemon serves there."""

    server: str
    port: int
    problem: str | None
    ours: bool


class CacheFact(msgspec.Struct, frozen=True):
    """The folder of compiled functions. `problem`: why nothing can be kept there."""

    folder: str
    problem: str = ""


class SchedulerFacts(msgspec.Struct, frozen=True):
    """What starts jobs here. `drills`: whether the crontab has `drill due`; None: unknown."""

    systemd: bool
    cron: bool
    drills: bool | None
    command: str  # with which this program is called, and its state folder


def clock_row(synchronised: bool | None, how: str) -> Row:
    """`how`: who says so."""
    if synchronised is None:
        text = f"unknown whether it is synchronised: {how}"
        return Row("clock", Level.UNKNOWN, text, "see `timedatectl`")
    if synchronised:
        return Row("clock", Level.OK, f"synchronised, says {how}")
    remedy = "start a time service (chrony, systemd-timesyncd), unless the host sets the clock"
    return Row("clock", Level.WARNING, f"not synchronised, says {how}", remedy)


def disk_speed_row(disk: DiskSpeed) -> Row:
    """CRITICAL where nothing can be written."""
    if disk.problem or disk.write_mb_s is None or disk.fsync_ms is None:
        remedy = "free space or change its permissions, or name another --home"
        return Row("disk speed", Level.CRITICAL, f"{disk.folder}: {disk.problem}", remedy)
    text = f"{number(disk.write_mb_s)} MB/s, a flush takes {number(disk.fsync_ms, 1)} ms"
    figures = {"write_mb_s": round(disk.write_mb_s, 1), "fsync_ms": round(disk.fsync_ms, 2)}
    if disk.write_mb_s >= SLOW_MB_S and disk.fsync_ms <= SLOW_FSYNC_MS:
        return Row("disk speed", Level.OK, text, figures=dict(figures))
    text = f"{text}; expected {SLOW_MB_S:g} MB/s or more, {SLOW_FSYNC_MS:g} ms or less"
    remedy = "use a local disk for --home, or wait until the disk is idle"
    return Row("disk speed", Level.WARNING, text, remedy, dict(figures))


def limits_rows(found: LimitFacts) -> tuple[Row, Row]:
    """Descriptors and processes."""
    descriptors = found.descriptors
    if descriptors is None:
        first = Row("descriptors", Level.OK, "no limit")
    else:
        level = (
            Level.CRITICAL
            if descriptors < LEAST_DESCRIPTORS
            else Level.WARNING
            if descriptors < GOOD_DESCRIPTORS
            else Level.OK
        )
        remedy = f"`ulimit -n {GOOD_DESCRIPTORS}`" if level else ""
        text = f"{descriptors:,} a process, {GOOD_DESCRIPTORS:,} are enough"
        first = Row("descriptors", level, text, remedy, {"descriptors": descriptors})
    processes = found.processes
    if processes is None:
        return first, Row("processes", Level.OK, "no limit")
    few = processes < LEAST_PROCESSES
    text = f"{processes:,} more may start, {LEAST_PROCESSES} are enough"
    remedy = "raise `ulimit -u`, or the container's limit of processes" if few else ""
    level = Level.CRITICAL if few else Level.OK
    return first, Row("processes", level, text, remedy, {"processes": processes})


def port_row(port: PortFact) -> Row:
    """A taken port stops no training, but its server is not served."""
    name = f"port {port.server}"
    if port.ours:
        return Row(name, Level.OK, f"{port.port}: served by the running daemon")
    if port.problem is None:
        text = f"{port.port} is free" if port.port else "any free one"
        return Row(name, Level.OK, text)
    remedy = f"stop that process, or set {port.server}.port to another, or 0 for any free one"
    return Row(name, Level.WARNING, port.problem, remedy)


def cache_row(cache: CacheFact) -> Row:
    """Without a cache everything runs, but each start compiles for minutes."""
    if not cache.problem:
        return Row("cache", Level.OK, f"{cache.folder} can be written")
    text = f"{cache.folder}: {cache.problem}; each start compiles again"
    return Row(
        "cache", Level.WARNING, text, "make it writable, or set XDG_CACHE_HOME to one that is"
    )


def scheduler_rows(found: SchedulerFacts) -> tuple[Row, ...]:
    """What starts the daemon after a reboot and runs the checks and drills."""
    names = [name for name, there in (("systemd", found.systemd), ("cron", found.cron)) if there]
    if not names:
        text = "neither systemd nor cron runs: nothing starts it after a reboot, nothing checks it"
        remedy = "start cron, or let your container's host restart and check it"
        return (Row("scheduler", Level.WARNING, text, remedy),)
    present = Row("scheduler", Level.OK, f"{' and '.join(names)} {_runs(len(names))}")
    if found.drills:
        return present, Row("drills", Level.OK, "`drill due` is in your crontab")
    if not found.cron:
        text = "unknown whether a timer runs `drill due`"
        remedy = f"run `{found.command} drill due` once a week, by a systemd timer"
        return present, Row("drills", Level.UNKNOWN, text, remedy)
    remedy = f"add by `crontab -e`: 17 3 * * 0  {found.command} drill due"
    if found.drills is None:
        text = "unknown whether `drill due` is in your crontab"
        return present, Row("drills", Level.UNKNOWN, text, remedy)
    text = "`drill due` is not in your crontab: evidence grows old"
    return present, Row("drills", Level.WARNING, text, remedy)


def _runs(count: int) -> str:
    return "runs" if count == 1 else "run"
