"""One notation for the states of all runs: what it finds, and what is said of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.named_state import find_named_state, split_named_state, state_name
from tests.landerctl.operator_side import make_checkpoint

CONFIG = load_config(None).config


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path)


@pytest.fixture
def runs(paths: StatePaths) -> dict[str, RunPaths]:
    """`first` with two checkpoints and `second`, the current one, with one."""
    found = {name: create_run(paths, CONFIG, name=name) for name in ("first", "second")}
    for timesteps in (50_000, 100_000):
        make_checkpoint(found["first"], timesteps)
    make_checkpoint(found["second"], 70_000)
    set_current(paths, found["second"].id)
    return found


@pytest.mark.parametrize(
    ("text", "run", "state"),
    [
        ("newest", "second", "000001-70000-interval"),
        ("000001-70000-interval", "second", "000001-70000-interval"),
        ("second", "second", "000001-70000-interval"),
        ("current", "second", "000001-70000-interval"),
        ("/newest", "second", "000001-70000-interval"),
        ("first", "first", "000002-100000-interval"),
        ("first/", "first", "000002-100000-interval"),
        ("first/newest", "first", "000002-100000-interval"),
        ("first/000001-50000-interval", "first", "000001-50000-interval"),
        ("{id}/000001-50000-interval", "first", "000001-50000-interval"),
    ],
)
def test_a_state_is_found(
    paths: StatePaths, runs: dict[str, RunPaths], text: str, run: str, state: str
) -> None:
    found = find_named_state(paths, paths.backups, text.format(id=runs["first"].id))
    assert found.run == runs[run]
    assert found.folder == runs[run].checkpoints / state
    again = state_name(paths, found.run, found.folder.name)
    assert find_named_state(paths, paths.backups, again) == found


def test_the_reference_pilot_is_of_a_run(paths: StatePaths, runs: dict[str, RunPaths]) -> None:
    for text, run in (("reference", "second"), ("first/reference", "first")):
        assert split_named_state(paths, paths.backups, text) == (runs[run], "reference")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "frst/newest",
            "frst: no such run .* did you mean 'first'.*`landerctl runs` lists",
        ),
        ("frst", "frst: no run and no state of run .* did you mean 'first'.*`landerctl runs` and"),
        ("newst", "newst: .*; did you mean 'newest'"),
        ("00001-70000-interval", "did you mean '000001-70000-interval'"),
        (
            "first/000001-50001-interval",
            "000001-50001-interval: run .* did you mean '000001-50000-interval'.*backups --run ",
        ),
        ("first/../second", r"\.\./second: run .* has no checkpoint and no backup"),
        ("first/best", "no whole state can be the best"),
    ],
)
def test_each_mistake_is_one_line(
    paths: StatePaths, runs: dict[str, RunPaths], text: str, said: str
) -> None:
    with pytest.raises(Failure, match=said) as caught:
        find_named_state(paths, paths.backups, text)
    assert caught.value.code == Exit.NOT_FOUND
    assert "\n" not in str(caught.value)


def test_there_may_be_no_run(paths: StatePaths) -> None:
    for text in ("newest", "first", "first/newest"):
        with pytest.raises(Failure, match=r"no (such )?run") as caught:
            find_named_state(paths, paths.backups, text)
        assert caught.value.code == Exit.NOT_FOUND
