from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.sweeps.trial.epoch import take_epoch
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import (
    all_sweeps,
    find_sweep,
    find_trial,
    free_sweep_name,
    opened,
    refuse_trial,
)
from tests.landerctl.operations.sweeps.made_sweep import made_sweep


def test_the_newest_sweep_is_meant_and_hidden_folders_are_none(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    for place, name in enumerate(("first", "second")):
        sweep = made_sweep(paths, name)
        os.utime(sweep.spec, (1e9 + place, 1e9 + place))
    (tmp_path / "sweeps" / ".pruned-old").mkdir()
    (tmp_path / "sweeps" / "no-sweep").mkdir()
    assert [sweep.id for sweep in all_sweeps(paths)] == ["second", "first"]
    assert find_sweep(paths, None).id == "second"
    assert find_sweep(paths, "first").id == "first"


def test_a_sweep_that_is_not_there_is_named_with_the_closest(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    with pytest.raises(Failure, match="no sweep yet") as none:
        find_sweep(paths, None)
    made_sweep(paths, "rates")
    with pytest.raises(Failure, match=r"ratse: no such sweep in .*did you mean 'rates'") as other:
        find_sweep(paths, "ratse")
    assert none.value.code == other.value.code == Exit.NOT_FOUND


def test_a_trial_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    sweep = made_sweep(StatePaths(tmp_path))
    with opened(sweep) as store:
        assert find_trial(store, sweep, 3).number == 3
        with pytest.raises(Failure, match="it has 0 to 3"):
            find_trial(store, sweep, 4)


def test_a_store_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    sweep = made_sweep(StatePaths(tmp_path))
    sweep.store.write_bytes(b"no database, but long enough for one" * 100)
    with pytest.raises(Failure, match=r"sweep\.db") as failed, opened(sweep) as store:
        store.trials()
    assert failed.value.code == Exit.UNKNOWN


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("other", "other"),
        ("rates", "rates-2"),
        ("my file!", "my-file"),
        ("2 rates", "sweep-2-rates"),
    ],
)
def test_a_name_that_is_free(tmp_path: Path, file: str, name: str) -> None:
    paths = StatePaths(tmp_path)
    made_sweep(paths, "rates")
    assert free_sweep_name(paths, file) == name


def test_a_trial_is_not_started_beside_its_sweep(tmp_path: Path) -> None:
    sweep = made_sweep(StatePaths(tmp_path), "rates")
    home = sweep.trial(3)
    home.home.mkdir(parents=True)
    refuse_trial(home)  # not begun yet
    take_epoch(home.home, 1)
    with pytest.raises(Failure, match=r"is trial 3 of a sweep.*`landerctl sweep resume rates`"):
        refuse_trial(home)
    elsewhere = tmp_path / "node" / "deep" / "trial-3"
    elsewhere.mkdir(parents=True)
    take_epoch(elsewhere, 1)
    with pytest.raises(Failure, match="is a trial of a sweep"):
        refuse_trial(StatePaths(elsewhere))
    refuse_trial(StatePaths(tmp_path))
