"""`landerctl drill`: what it refuses."""

from __future__ import annotations

from pathlib import Path

from daemon.base.paths import StatePaths
from landerctl.drills.scratch.folder import drills_lock
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl, make_run


def test_an_unknown_drill(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "drill", "no-such")
    assert ended.returncode == Exit.USAGE
    assert ended.stderr.startswith("landerctl: no drill 'no-such'; drills are ")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    ended = landerctl(tmp_path, "drill", "crash")
    assert ended.returncode == Exit.CANNOT_WRITE
    assert "is not a landerctl state folder" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    make_run(tmp_path)
    with drills_lock(StatePaths(tmp_path)):
        ended = landerctl(tmp_path, "drill", "crash")
    assert ended.returncode == Exit.BUSY
    assert "other drills run; try again" in ended.stderr
