from __future__ import annotations

from pathlib import Path

import pytest

from daemon.sweeps.trial.epoch import FILE, FencedOffError, check_epoch, read_epoch, take_epoch


def test_a_home_without_an_epoch_takes_any(tmp_path: Path) -> None:
    assert read_epoch(tmp_path) == 0
    take_epoch(tmp_path, 3)
    assert read_epoch(tmp_path) == 3
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_the_same_epoch_again_changes_nothing(tmp_path: Path) -> None:
    take_epoch(tmp_path, 3)
    before = (tmp_path / FILE).stat().st_ino
    take_epoch(tmp_path, 3)
    assert (tmp_path / FILE).stat().st_ino == before


def test_an_older_placement_is_fenced_off(tmp_path: Path) -> None:
    take_epoch(tmp_path, 3)
    check_epoch(tmp_path, 3)
    take_epoch(tmp_path, 4)
    with pytest.raises(FencedOffError, match="fenced off: placement 4 of this trial is newer"):
        check_epoch(tmp_path, 3)
    with pytest.raises(FencedOffError):
        take_epoch(tmp_path, 3)
    assert read_epoch(tmp_path) == 4


def test_a_damaged_file_fences_off_everybody(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("four\n")
    with pytest.raises(FencedOffError, match="is damaged"):
        take_epoch(tmp_path, 5)
