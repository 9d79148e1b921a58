"""Whether a process is frozen: alive, but not executed until somebody continues it. Linux."""

from __future__ import annotations

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def why_frozen(pid: int) -> str | None:
    """Why a process is frozen, as text for a person; None if it is not, or that is unknown."""
    try:
        # The name before the state may contain anything, also spaces and parentheses.
        state = (
            Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
        )
        groups = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "replace").splitlines()
    except (OSError, IndexError):
        return None
    if state == "T":
        return "stopped by a signal"
    if state == "t":
        return "stopped by a debugger"
    return "its control group is frozen" if any(map(_is_frozen, groups)) else None


def _is_frozen(line: str) -> bool:
    """Whether a line of /proc/PID/cgroup (hierarchy:controllers:path) names a frozen group."""
    number, _, rest = line.partition(":")
    controllers, _, path = rest.partition(":")
    if number == "0":
        # Version 2 is mounted there, or below it beside version 1.
        return any(
            "frozen 1" in _read(root / path.lstrip("/") / "cgroup.events")
            for root in (CGROUPS, CGROUPS / "unified")
        )
    if "freezer" in controllers.split(","):
        return _read(CGROUPS / "freezer" / path.lstrip("/") / "freezer.state").startswith("FR")
    return False


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:  # not mounted here
        return ""
