"""The folder of numba's cache, so that only the first start compiles.

Numba invalidates a cached function when its own file changes, but not when a function that it calls
in another file changes. The folder's name is therefore a digest of all sources of this package, the
compiler versions and the level of optimisation: any edit or upgrade recompiles, and no stale code
is used.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import os
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import IO

import numba
import platformdirs

# At level 1 the code flies as fast as at numba's own level, 3, and compiles in less time.
OPTIMISATION = "1"
# More than all compiled functions need. Numba does not survive a full disk in the middle.
NEEDED_BYTES = 32 << 20
KEPT_VERSIONS = 3
KEPT_WRAPPERS = 64
COMPLETE = "complete"
# Environment variable of workers: the folder of the process that they work for.
WORKERS_CACHE = "LANDERCTL_COMPILATION_CACHE"
_IN_USE = "in-use"
_VERSION = re.compile("[0-9a-f]{16}")

_log = logging.getLogger(__name__)
_in_use: list[IO[bytes]] = []  # open, and locked, for the life of the process


def use_compilation_cache() -> None:
    """Set numba's cache to this version's folder, and how much it optimises.

    No folder, or one that cannot be written, is no error: a temporary one takes its place, with a
    warning.
    """
    os.environ.setdefault("NUMBA_OPT", OPTIMISATION)
    numba.config.reload_config()  # type: ignore[no-untyped-call]
    if given := os.environ.get(WORKERS_CACHE):
        numba.config.CACHE_DIR = given  # type: ignore[attr-defined]
        return
    try:
        versions = _versions()
    except RuntimeError:
        # Neither HOME nor an entry in the user database. The libraries, here and in child
        # processes, keep what they cache there too, such as Basilisk its wrappers.
        os.environ["XDG_CACHE_HOME"] = str(_temporary_folder())
        versions = _versions()
        _log.warning(
            "user id %d has no home folder: compiled functions are kept for this process only, the "
            "next one compiles again; set HOME, or XDG_CACHE_HOME to a folder",
            os.getuid(),
        )
    folder = versions / _digest()
    try:
        _claim(folder)
    except OSError as error:
        _log.warning(
            "%s: %s: compiled functions are kept for this process only, the next one compiles "
            "again; make the folder writable, or set XDG_CACHE_HOME to one that is",
            folder,
            error.strerror,
        )
        folder = _temporary_copy(folder)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def compilation_cache() -> Path:
    """The folder in use."""
    return Path(numba.config.CACHE_DIR)  # type: ignore[attr-defined]


def remove_old_versions() -> None:
    """Remove the folders of all but the newest versions that no process uses, and old wrappers.

    Wrappers are the few lines that Basilisk generates for each number of landers.
    """
    folder = compilation_cache()
    (folder / COMPLETE).touch()
    if folder.parent != _versions():
        return  # a temporary folder: what is beside it is not ours
    versions = [other for other in folder.parent.iterdir() if _VERSION.fullmatch(other.name)]
    for old in sorted(versions, key=_last_use_s, reverse=True)[KEPT_VERSIONS:]:
        _remove_unused(old)
    wrappers = platformdirs.user_cache_path("basilisk") / "numba_model"
    newest = sorted(wrappers.glob("nbm_*.py"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in newest[KEPT_WRAPPERS:]:
        file.unlink(missing_ok=True)


def _versions() -> Path:
    """Raises RuntimeError if the user has no home folder."""
    return platformdirs.user_cache_path("landerctl") / "numba"


def _digest() -> str:
    package_folder = Path(__file__).parents[1]
    digest = hashlib.sha256(f"{package_folder}\n".encode())  # numba's own names hold it too
    for package in ("numba", "bsk", "numpy"):
        digest.update(f"{package} {version(package)}\n".encode())
    digest.update(f"{numba.config.OPT}\n".encode())  # type: ignore[attr-defined]
    for source in sorted(package_folder.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _claim(folder: Path) -> None:
    """Create the folder and keep it from removal. Raises OSError if it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / _IN_USE).open("ab")
    fcntl.flock(lock, fcntl.LOCK_SH)
    os.utime(lock.fileno())
    if not (folder / COMPLETE).exists():
        with tempfile.TemporaryFile(dir=folder) as probe:
            os.posix_fallocate(probe.fileno(), 0, NEEDED_BYTES)
    _in_use.append(lock)


def _temporary_copy(folder: Path) -> Path:
    """A folder for this process alone, with what is in `folder`; removed at its exit."""
    temporary = _temporary_folder()
    if (folder / COMPLETE).exists():
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
    return temporary


def _temporary_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="landerctl-numba-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _last_use_s(folder: Path) -> float:
    used = folder / _IN_USE
    return used.stat().st_mtime if used.exists() else 0.0


def _remove_unused(folder: Path) -> None:
    with (folder / _IN_USE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(folder, ignore_errors=True)
