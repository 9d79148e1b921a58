"""A cache that cannot be written is no error; old versions are removed, those in use are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.daemon.small_disk import small_disk

FOLDER = """
import env
from env.base.compilation_cache import compilation_cache
print(compilation_cache())
(compilation_cache() / "written").touch()
"""
REMOVE = """
import os
import env
from env.base.compilation_cache import compilation_cache, remove_old_versions
remove_old_versions()
print(*sorted(folder.name for folder in compilation_cache().parent.iterdir()))
"""
HOLD = """
import sys
import env
print("ready", flush=True)
sys.stdin.read()
"""


def run(script: str, cache: Path, temporary: Path | None = None) -> tuple[str, str]:
    environ = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    if temporary is not None:
        environ["TMPDIR"] = str(temporary)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


def test_a_full_disk_is_replaced_by_a_temporary_folder() -> None:
    with small_disk(1) as disk:
        disk.fill()
        folder, warning = run(FOLDER, disk.folder)
    assert not folder.startswith(str(disk.folder))
    assert not Path(folder).exists()
    assert "No space left on device" in warning
    assert warning.count("\n") == 1


def test_a_complete_cache_on_a_disk_that_cannot_be_written_is_copied() -> None:
    with small_disk(100) as disk:
        used = Path(run(FOLDER, disk.folder)[0])
        (used / "complete").touch()
        disk.remount("ro")
        copy, warning = run(
            FOLDER + "print(*sorted(p.name for p in compilation_cache().iterdir()))", disk.folder
        )
        disk.remount("rw")
    assert copy.splitlines()[1] == "complete in-use written"
    assert "Read-only file system" in warning


def test_old_versions_are_removed(tmp_path: Path) -> None:
    versions = tmp_path / "landerctl" / "numba"
    for age in range(5):
        add_version(versions, age, 1e9 - age)
    (versions / "notes").mkdir()
    wrappers = tmp_path / "basilisk" / "numba_model"
    wrappers.mkdir(parents=True)
    for k in range(70):
        (wrappers / f"nbm_{k:02}.py").touch()
        os.utime(wrappers / f"nbm_{k:02}.py", (k, k))

    kept, _ = run(REMOVE, tmp_path)

    left = set(kept.split()) & {version_name(age) for age in range(5)}
    assert left == {version_name(0), version_name(1)}
    assert "notes" in kept.split() and len(kept.split()) == 4
    assert sorted(file.name for file in wrappers.iterdir())[0] == "nbm_06.py"


def test_beside_a_temporary_folder_nothing_is_removed(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()  # not a folder: nothing can be written there
    others = [tmp_path / version_name(age) for age in range(5)]
    for other in others:
        other.mkdir()
    _, warning = run(REMOVE, tmp_path / "cache", temporary=tmp_path)
    assert "Not a directory" in warning
    assert all(other.exists() for other in others)


def test_a_version_in_use_is_kept_however_old(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    versions = tmp_path / "landerctl" / "numba"
    (used,) = versions.iterdir()
    os.utime(used / "in-use", (1e9, 1e9))
    for age in range(5):
        add_version(versions, age, 2e9 - age)

    kept, _ = run(
        # Another version than the holder's: the level of optimisation is part of its name.
        "import os; os.environ['NUMBA_OPT'] = '2'\n" + REMOVE,
        tmp_path,
    )

    holder.communicate()
    assert used.name in kept.split()


def version_name(age: int) -> str:
    return f"{age:016x}"


def add_version(versions: Path, age: int, used_s: float) -> None:
    folder = versions / version_name(age)
    folder.mkdir(parents=True)
    (folder / "in-use").touch()
    os.utime(folder / "in-use", (used_s, used_s))
