"""Hidden leftovers of dead processes in a folder: unfinished writes and unfinished removals.

Readers of checkpoints and backups never see them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

PRUNED = ".pruned-"  # prefix of a folder that is being removed
_UNFINISHED = re.compile(r"^\.tmp-(\d+)@([^@]*)@")


def temporary_beside(target: Path) -> Path:
    """Path where this process prepares a file or folder before renaming it to `target`."""
    return target.with_name(f".tmp-{os.getpid()}@{os.uname().nodename}@{target.name}")


def unfinished(folder: Path) -> list[Path]:
    """Files and folders that dead processes of this machine left unfinished. Raises OSError."""
    return [path for path in _hidden(folder) if _abandoned(path.name)]


def half_removed(folder: Path) -> list[Path]:
    """Folders whose removal has begun but not ended. Raises OSError."""
    return [path for path in _hidden(folder) if path.name.startswith(PRUNED)]


def _hidden(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _abandoned(name: str) -> bool:
    match = _UNFINISHED.match(name)
    return match is not None and match[2] == os.uname().nodename and not _is_running(int(match[1]))


def _is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie. Reads /proc: psutil costs `check` 10 ms."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # man 5 proc: pid (comm) state ...; comm may hold anything.
    return stat.rpartition(")")[2].split()[0] != "Z"
