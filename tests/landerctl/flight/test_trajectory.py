"""Saved trajectories: the files' content, and targets refused before the flight."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from daemon.protocol.flight import FlightSample
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.flight.trajectory import check_target, save, table
from tests.landerctl.flight.flight_samples import BEGAN, descent, sample


def test_columns_name_every_number_and_its_unit() -> None:
    names, rows = table([sample()])
    assert len(names) == len(set(names)) == len(rows[0])
    row = dict(zip(names, rows[0], strict=True))
    assert row["altitude_m"] == 500.0
    assert row["engine_1_of_full_thrust"] == 0.62
    assert (row["gimbal_1x_deg"], row["gimbal_1y_deg"], row["gimbal_3y_deg"]) == (3.0, 4.0, 0.0)
    assert row["landing_thruster_2_of_full_thrust"] == 0.5
    assert (row["rcs_x_of_full_torque"], row["rcs_y_of_full_torque"]) == (-1.0, 0.5)
    plain = {
        f for f in FlightSample.__struct_fields__ if not isinstance(getattr(sample(), f), tuple)
    }
    assert plain <= set(names)


def test_csv_holds_every_sample_exactly(tmp_path: Path) -> None:
    flown = descent()
    save(tmp_path / "flight.csv", BEGAN, flown)
    with (tmp_path / "flight.csv").open(newline="", encoding="utf-8") as stream:
        header, *lines = csv.reader(stream)
    names, rows = table(flown)
    assert header == names
    assert [[float(cell) for cell in line] for line in lines] == rows


def test_npz_holds_columns_ground_and_seed_and_needs_no_pickle(tmp_path: Path) -> None:
    flown = descent()
    save(tmp_path / "flight.npz", BEGAN, flown)
    names, rows = table(flown)
    with np.load(tmp_path / "flight.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {*names, "seed", "profile_distance_m", "profile_height_m"}
        for column, name in enumerate(names):
            assert arrays[name].tolist() == [row[column] for row in rows]
        assert int(arrays["seed"]) == BEGAN.seed
        assert tuple(arrays["profile_height_m"]) == BEGAN.profile_height_m


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "flight.csv"
    path.write_text("old", encoding="utf-8")
    save(path, BEGAN, [sample()])
    assert path.read_text(encoding="utf-8").startswith("time_s,")
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file or directory") as refused:
        save(tmp_path / "gone" / "flight.csv", BEGAN, [sample()])
    assert refused.value.code is Exit.CANNOT_WRITE


def refused(path: Path, *, force: bool = False) -> Failure:
    with pytest.raises(Failure) as failure:
        check_target(path, force=force)
    return failure.value


def test_targets_are_checked_before_the_flight(tmp_path: Path) -> None:
    check_target(tmp_path / "new.csv", force=False)
    existing = tmp_path / "old.npz"
    existing.touch()
    assert refused(existing).text == f"--save {existing}: exists; replace it with --force"
    check_target(existing, force=True)
    other = refused(tmp_path / "flight.txt")
    assert (other.code, other.text) == (
        Exit.USAGE,
        f"--save {tmp_path}/flight.txt: must be a .csv or .npz file",
    )
    assert "no such folder" in refused(tmp_path / "gone" / "flight.csv").text
    (tmp_path / "folder.csv").mkdir()
    assert refused(tmp_path / "folder.csv", force=True).code is Exit.CANNOT_WRITE


def test_an_unwritable_folder_is_reported() -> None:
    reported = refused(Path("/proc/flight.csv"))
    assert reported.code is Exit.CANNOT_WRITE
    assert reported.text.startswith("--save /proc/flight.csv: /proc: ")
