"""The state folder: whether this user can look into it, and its disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from checks.evidence import DiskEvidence, Evidence, StoreEvidence
from daemon.base.paths import StatePaths


def home_problem(paths: StatePaths) -> str:
    """Why this user cannot know whether a daemon runs here; empty if they can, or without home."""
    owner_of = paths.home
    try:
        if not stat.S_ISDIR(os.stat(paths.home).st_mode):  # noqa: PTH116 - raises for a loop
            return f"{paths.home}: is not a folder; name the state folder with --home"
        for owner_of in (paths.home, paths.lock, paths.store):
            if not os.access(owner_of, os.R_OK) and owner_of.exists():
                break
        else:
            return ""
    except FileNotFoundError:
        return ""
    except PermissionError:
        pass
    except OSError as error:
        return f"{paths.home}: {os.strerror(error.errno or 0)}; name the state folder with --home"
    return f"{owner_of}: permission denied{_owned_by(owner_of)}; ask as its owner or as root"


def _owned_by(path: Path) -> str:
    import pwd  # noqa: PLC0415 - only for a message

    try:
        user_id = path.stat().st_uid
        return f", it belongs to {pwd.getpwuid(user_id).pw_name}"
    except KeyError:
        return f", it belongs to user {user_id}"
    except OSError:
        return ""


def without_home(now_s: float, problem: str) -> Evidence:
    """The evidence where nothing can be known, and why: one line."""
    return Evidence(
        now_s=now_s,
        lock_held=False,
        rebooted=False,
        store=StoreEvidence("unusable", problem),
        status=None,
        run_id=None,
        orphaned=False,
        checkpoints=(),
        checkpoints_problem=None,
        disk=None,
        backups=None,
        config=None,
        config_problem=None,
        home_problem=problem,
    )


def disk_space(home: Path) -> DiskEvidence | None:
    """The space around a folder that may not exist yet; None if it cannot be known."""
    for folder in (home, *home.parents):
        try:
            space = os.statvfs(folder)
        except OSError:
            continue
        if not space.f_blocks:
            return None  # such as /proc: it has no space to measure
        return DiskEvidence(space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize)
    return None
