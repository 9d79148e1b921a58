"""What `check` cannot judge is UNKNOWN, in one clean line; `status` says that it cannot know."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.gather import gather
from checks.registry import DEFAULT, run_checks
from checks.verdict import Level
from daemon.base.paths import StatePaths, state_paths
from daemon.base.user import NoFolderError
from daemon.store.reader import StoreReader
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import SCRIPT, environment, fill_store, landerctl, lock_held

CHECK_UNKNOWN = 3
NOBODY = 65534
# As `landerctl` after its start, as another user: who may not be able to read Python's files.
AS_NOBODY = (
    "import os, sys\n"
    "from landerctl.__main__ import main\n"
    "import landerctl.fast_path.check, landerctl.fast_path.status, encodings.ascii\n"
    f"os.setuid({NOBODY})\n"
    "sys.exit(main())\n"
)


def clean_line(output: str) -> str:
    [line] = output.splitlines()
    assert line.isprintable()
    return line


def latin1(folder: Path) -> Path:
    return folder / os.fsdecode(b"lune-\xe9")


@pytest.mark.parametrize("kind", ["file", "fifo", "loop", "long", "below a file"])
def test_a_home_that_is_no_folder(tmp_path: Path, kind: str) -> None:
    home = tmp_path / ("x" * 300 if kind == "long" else "home")
    if kind in ("file", "below a file"):
        home.write_text("")
    elif kind == "fifo":
        os.mkfifo(home)
    elif kind == "loop":
        home.symlink_to(home)
    if kind == "below a file":
        home /= "below"
    evidence = gather(StatePaths(home), time.time())
    assert str(home) in evidence.home_problem
    assert {verdict.level for verdict in run_checks(evidence)} == {Level.UNKNOWN}
    assert [verdict.check for verdict in run_checks(evidence)] == list(DEFAULT)


def test_a_home_that_is_no_folder_in_both_verbs(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 300)
    checked, shown = landerctl(home, "check"), landerctl(home, "status")
    assert (checked.returncode, shown.returncode) == (CHECK_UNKNOWN, Exit.UNKNOWN)
    assert clean_line(checked.stdout).startswith("LANDERCTL UNKNOWN - daemon: ")
    assert shown.stdout.startswith("daemon      cannot be known: ")
    assert "File name too long" in shown.stdout


@pytest.mark.parametrize(
    ("verb", "by_option"),
    [("check", True), ("check", False), ("status", False), ("start", False), ("stop", True)],
)
def test_a_home_whose_name_is_not_utf8(tmp_path: Path, verb: str, by_option: bool) -> None:
    home = latin1(tmp_path)
    home.mkdir()
    arguments = [verb, "--home", str(home)] if by_option else [verb]
    ended = subprocess.run(
        [SCRIPT, *arguments], env=environment(home), capture_output=True, text=True, check=False
    )
    assert ended.returncode == (CHECK_UNKNOWN if verb == "check" else Exit.USAGE)
    assert "is not UTF-8 text" in clean_line(ended.stderr)
    assert ended.stdout.startswith("LANDERCTL UNKNOWN - ") is (verb == "check")
    assert not list(home.iterdir())


@pytest.mark.parametrize("variable", ["LANDERCTL_HOME", "XDG_STATE_HOME", "HOME"])
def test_each_way_to_name_a_home_that_is_not_utf8(tmp_path: Path, variable: str) -> None:
    with pytest.raises(NoFolderError, match="not UTF-8"):
        state_paths(None, {variable: str(latin1(tmp_path))})
    assert state_paths(None, {variable: str(tmp_path / "lune-é ?#%")}).home


def test_a_store_below_a_folder_with_special_characters(tmp_path: Path) -> None:
    home = tmp_path / "lune é ?mode=rw#%41"
    home.mkdir()
    fill_store(home)
    with StoreReader.open(StatePaths(home).store) as reader:
        assert reader.status().daemon is not None


@pytest.mark.parametrize("arguments", ["check", "check --json", "check --bad", "status", "version"])
def test_a_full_disk_behind_standard_output(tmp_path: Path, arguments: str) -> None:
    fill_store(tmp_path)
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [SCRIPT, *arguments.split()],
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if arguments != "check --bad":
        assert "standard output: No space left on device" in clean_line(ended.stderr)
    expected = CHECK_UNKNOWN if arguments.startswith("check") else Exit.OUTPUT_LOST
    assert ended.returncode == expected


@pytest.mark.parametrize(("verb", "code"), [("check", CHECK_UNKNOWN), ("status", Exit.USAGE)])
def test_a_full_disk_behind_standard_error(tmp_path: Path, verb: str, code: int) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [SCRIPT, verb, "--bad"], env=environment(tmp_path), stderr=full, check=False
        )
    assert ended.returncode == code


def test_a_full_disk_does_not_hang_a_check_after_its_time(tmp_path: Path) -> None:
    os.mkfifo(StatePaths(tmp_path).store)  # reading it blocks in the kernel
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [SCRIPT, "check", "--timeout=0.3"],
            env=environment(tmp_path),
            stdout=full,
            timeout=30,
            check=False,
        )
    assert ended.returncode == CHECK_UNKNOWN


@pytest.mark.parametrize("limit_s", ["inf", "nan", "0", "-1", "86401", "99999999999"])
def test_a_time_out_that_no_clock_can_wait_for(tmp_path: Path, limit_s: str) -> None:
    ended = landerctl(tmp_path, "check", "--timeout", limit_s)
    assert ended.returncode == CHECK_UNKNOWN
    assert "--timeout" in clean_line(ended.stdout)
    assert "--timeout" in clean_line(ended.stderr)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A state folder below folders that every user can enter."""
    base = Path(tempfile.mkdtemp(prefix="landerctl-test-"))
    base.chmod(0o755)
    home = base / "home"
    home.mkdir(mode=0o700)
    fill_store(home, stopped_s=time.time())
    yield home
    home.chmod(0o700)
    shutil.rmtree(base)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_another_user_s_home(reachable: Path, mode: int) -> None:
    reachable.chmod(mode)
    with lock_held(reachable):
        StatePaths(reachable).lock.chmod(0o600)
        checked, shown = (
            subprocess.run(
                [sys.executable, "-c", AS_NOBODY, verb, "--home", str(reachable)],
                capture_output=True,
                text=True,
                check=False,
            )
            for verb in ("check", "status")
        )
    assert checked.returncode == CHECK_UNKNOWN, checked
    assert "permission denied, it belongs to root; ask as its owner" in clean_line(checked.stdout)
    assert shown.returncode == Exit.UNKNOWN, shown
    assert shown.stdout.startswith(f"daemon      cannot be known: {reachable}")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["", "daemon.lock", "store.db"])
def test_an_unreadable_home(reachable: Path, name: str) -> None:
    (reachable / "daemon.lock").touch()
    (reachable / name).chmod(0)
    evidence = gather(StatePaths(reachable), time.time())
    assert f"{reachable / name}: permission denied, it belongs to" in evidence.home_problem
