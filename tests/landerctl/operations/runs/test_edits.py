"""Edits of a run's name and tags."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.lock import RunsBusyError, runs_lock
from daemon.runs.metadata import read_metadata
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.edits import changing_runs, rename_run, tag_run

CONFIG = load_config(None).config


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path)


def test_of_edits_at_the_same_time_none_is_lost(paths: StatePaths) -> None:
    run = create_run(paths, CONFIG, name="a")
    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(tag_run, paths, run, [f"t{n}"], []) for n in range(40)]
        done.append(threads.submit(tag_run, paths, run, [], ["none"]))
        renamed = threads.submit(rename_run, paths, run, "b")
        for one in done:
            one.result()
    assert renamed.result() == "a"
    metadata = read_metadata(run)
    assert (metadata.name, len(metadata.tags)) == ("b", 40)
    assert metadata.versions != {}  # the rest is as it was


def test_of_two_runs_only_one_gets_a_name(paths: StatePaths) -> None:
    runs = [create_run(paths, CONFIG) for _ in range(4)]

    def rename(number: int) -> bool:
        try:
            rename_run(paths, runs[number], "wanted")
        except Failure:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(rename, range(4))) == [False, False, False, True]


def test_a_run_of_an_earlier_version_gets_a_file(paths: StatePaths) -> None:
    run = create_run(paths, CONFIG)
    run.metadata.unlink()
    tag_run(paths, run, ["old"], [])
    assert read_metadata(run).tags == ("old",)


def test_who_waits_too_long_is_told_so(paths: StatePaths) -> None:
    create_run(paths, CONFIG)
    busy = pytest.raises(RunsBusyError, match="locked by another landerctl")
    with runs_lock(paths), busy, runs_lock(paths, timeout_s=0.01):
        raise AssertionError
    with pytest.raises(Failure, match="No space") as caught, changing_runs(paths):
        raise OSError(errno.ENOSPC, "No space left on device", "run.json")
    assert caught.value.code == Exit.CANNOT_WRITE
