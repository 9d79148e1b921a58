"""What a process that died left hidden in a folder: things half written, and half removed.

Nothing here is visible to any reader of checkpoints or backups.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

PRUNED = ".pruned-"  # what is being removed has lost its name first
_UNFINISHED = re.compile(r"^\.tmp-(\d+)@([^@]*)@")


def temporary_beside(target: Path) -> Path:
    """Where this process prepares a file or folder before it gets its name."""
    return target.with_name(f".tmp-{os.getpid()}@{os.uname().nodename}@{target.name}")


def unfinished(folder: Path) -> list[Path]:
    """What processes of this machine that are dead now began to write. Raises OSError."""
    return [path for path in _hidden(folder) if _abandoned(path.name)]


def half_removed(folder: Path) -> list[Path]:
    """Folders that have lost their names, but not yet their files. Raises OSError."""
    return [path for path in _hidden(folder) if path.name.startswith(PRUNED)]


def _hidden(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _abandoned(name: str) -> bool:
    match = _UNFINISHED.match(name)
    return match is not None and match[2] == os.uname().nodename and not _lives(int(match[1]))


def _lives(pid: int) -> bool:
    """Whether a process runs that is no zombie. By /proc: psutil costs `check` 10 ms."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # man 5 proc: pid (comm) state ...; comm may hold anything.
    return stat.rpartition(")")[2].split()[0] != "Z"
