"""The user's home folder and name, also of a user id that the user database does not have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon.base.user import NoFolderError, expand_home, home_folder
from tests.landerctl.operator_side import ROOT, SCRIPT

# A user namespace in which the files are ours under an id without an entry in the user database.
UNKNOWN_USER = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
PRINT = """
import os
from daemon.base.user import home_folder, user_name
print(home_folder(os.environ), user_name(os.getuid()))
"""
# What looks for a cache folder before the first flight: ours, numba, Basilisk, matplotlib.
HEAVY = """
from daemon.trainer.startup.learnt import learnt_file, load_durations, save_durations
save_durations(learnt_file(), "train", "full", {"import": 1.0})
assert load_durations(learnt_file(), "train", "full") == {}
import env
from Basilisk.architecture import numbaModel
from env.base.compilation_cache import compilation_cache
import env.fleet
from landerctl.plots.matplotlib_folder import prepare_matplotlib
prepare_matplotlib()
import landerctl.plots.report
print(compilation_cache(), numbaModel.getCacheDir())
"""


def as_unknown_user(
    *command: str, folder: Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*UNKNOWN_USER, *command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
        | dict(environ or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr.startswith("unshare:"):
        pytest.skip(f"no user namespaces here: {done.stderr}")
    return done


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_home_that_is_no_absolute_path_counts_as_none(home: str) -> None:
    assert home_folder({"HOME": home}) == home_folder({})


def test_a_home_folder_of_nobody_is_an_error() -> None:
    with pytest.raises(NoFolderError, match="no such home folder"):
        expand_home("~no-such-user/x")


def test_a_user_without_home_and_name(tmp_path: Path) -> None:
    done = as_unknown_user(sys.executable, "-c", PRINT, folder=tmp_path)
    assert done.stdout == "None uid 54321\n", done.stderr


@pytest.mark.parametrize(("verb", "code"), [("status", 2), ("check", 3), ("events", 2)])
def test_without_a_home_folder_a_state_folder_must_be_named(
    tmp_path: Path, verb: str, code: int
) -> None:
    done = as_unknown_user(str(SCRIPT), verb, folder=tmp_path)
    assert (done.returncode, done.stderr) == (
        code,
        "landerctl: user id 54321 has no home folder: HOME is not set and the user database has "
        "no entry; name a state folder (--home FOLDER or LANDERCTL_HOME)\n",
    )
    assert not list(tmp_path.iterdir())


def test_without_a_home_folder_all_libraries_find_a_place_and_the_cost_is_said_once(
    tmp_path: Path,
) -> None:
    done = as_unknown_user(sys.executable, "-c", HEAVY, folder=tmp_path)
    assert done.stderr == (
        "user id 54321 has no home folder: compiled functions are kept for this process only, the "
        "next one compiles again; set HOME, or XDG_CACHE_HOME to a folder\n"
    )
    used = done.stdout.split()
    assert len(used) == 2 and all(Path(place).is_relative_to(tmp_path) for place in used)
    assert not list(tmp_path.iterdir())  # removed at the end
