"""Claiming a state folder: check it, take the kernel lock, write the identity."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import Timeout, UnixFileLock

from daemon.backup.record import RECORD
from daemon.base.files import make_private_folder, write_atomically
from daemon.base.identity import DaemonIdentity, boot_id, read_identity
from daemon.base.paths import StatePaths
from daemon.config.load import files_in

# `landerctl status` takes the lock for an instant to test it.
ACQUIRE_TIMEOUT_S = 1.0
LOST_AND_FOUND = "lost+found"  # in the uppermost folder of a disk


class ClaimError(Exception):
    """The state folder cannot be used. The message is one line for the user."""

    def __init__(self, text: str, *, already_running: bool = False) -> None:
        super().__init__(text)
        self.already_running = already_running


def refuse_foreign(paths: StatePaths) -> None:
    """Raise ClaimError unless the folder is a state folder of this user, or can become one.

    Accepted: a new folder, one with only a config.toml and files that it names, one whose backups
    or runs are prepared (a link to a folder, or an empty folder), and one with our lock, store,
    ledger, runs or backups. Changes nothing. Raises ConfigError if a config.toml with other files
    beside it is invalid.
    """
    with _folder_errors(paths.home):
        _refuse_foreign(paths)


def _refuse_foreign(paths: StatePaths) -> None:
    home = paths.home
    try:
        owner = home.stat().st_uid
    except FileNotFoundError:
        return
    if owner != os.geteuid():
        raise ClaimError(
            f"{home}: belongs to user id {owner}, not to you ({os.geteuid()}); "
            "use another state folder (--home)"
        )
    # Listed first: what another start creates meanwhile comes after its lock file.
    others = {path.name for path in home.iterdir()} - {"config.toml", LOST_AND_FOUND}
    for folder in (paths.backups, paths.runs):
        if folder.is_symlink() and not folder.is_dir():
            raise ClaimError(f"{folder}: links to no folder; create that, or remove the link")
        if _is_prepared(folder):
            others.discard(folder.name)
    # Other programs use a folder named runs as well.
    ours = (
        paths.lock.exists()
        or paths.store.exists()
        or paths.ledger.exists()
        or any(paths.runs.glob("*/config.json"))
        or any(paths.backups.glob(f"*/*/{RECORD}"))
    )
    if others and not ours and (others := others - files_in(home)):
        raise ClaimError(
            f"{home}: contains other files ({min(others)!r}) and is not a landerctl state "
            "folder; name an empty or a new folder (--home)"
        )


def check_home(paths: StatePaths) -> None:
    """Create the folder if there is none, or raise ClaimError if it cannot be ours.

    The lock file, empty, then marks it as ours. Raises ConfigError if a config.toml with other
    files beside it is invalid.
    """
    home = paths.home
    with _folder_errors(home):
        _refuse_foreign(paths)
        make_private_folder(home, parents=True)
        home.chmod(0o700)
        if not paths.lock.exists():
            paths.lock.touch(mode=0o600)


@contextmanager
def _folder_errors(home: Path) -> Iterator[None]:
    """Turn OSError into ClaimError."""
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise ClaimError(f"{home}: is not a folder; name another (--home)") from None
    except OSError as error:
        raise ClaimError(f"{home}: {error.strerror}; name another folder (--home)") from None


def _is_prepared(folder: Path) -> bool:
    """Whether it is on another disk by a link or a mount, and not yet used."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {LOST_AND_FOUND}


@contextmanager
def write_errors(paths: StatePaths) -> Iterator[None]:
    """Turn OSError into ClaimError: the folder is ours but cannot be written."""
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        what = error.filename or paths.home
        raise ClaimError(f"{what}: {error.strerror}; free space or check the disk") from None


def claim(paths: StatePaths, started_s: float) -> UnixFileLock:
    """Take the lock and write the identity. Keep the lock object until the daemon ends.

    Raises ClaimError; `already_running` says whether another supervisor holds the lock.
    """
    check_home(paths)
    lock = UnixFileLock(paths.lock, timeout=ACQUIRE_TIMEOUT_S, mode=0o600)
    try:
        with write_errors(paths):
            lock.acquire()
    except Timeout:
        holder = read_identity(paths)
        who = f" (pid {holder.pid})" if holder else ""
        raise ClaimError(
            f"{paths.home}: a daemon{who} already runs here; see `landerctl status`, "
            "or `landerctl stop` first",
            already_running=True,
        ) from None
    try:
        with write_errors(paths):
            identity = DaemonIdentity(os.getpid(), started_s, boot_id())
            write_atomically(paths.identity, msgspec.json.encode(identity) + b"\n")
            make_private_folder(paths.runs)
    except ClaimError:
        lock.release()
        raise
    return lock
