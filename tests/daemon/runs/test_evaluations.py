"""Evaluations are stored atomically and read back unchanged."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from daemon.runs.evaluations import list_evaluations
from daemon.runs.trajectories import (
    Trajectories,
    TrajectoriesError,
    encode_trajectories,
    read_trajectories,
)
from tests.evaluation_samples import COLUMNS, keep_evaluation, trajectories

FLOWN = trajectories(("landed", "crashed", "timeout"))


def test_results_are_listed_in_time_order_and_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    assert list_evaluations(folder).whole == []
    later = keep_evaluation(folder, FLOWN, created_s=2e9)
    earlier = keep_evaluation(folder, FLOWN, pilot="reference", created_s=1e9)
    assert list_evaluations(folder).whole == [earlier, later]
    assert earlier.path.name == "20010909-014640-reference-stage2.json"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_result_file_commits_the_evaluation(tmp_path: Path) -> None:
    kept = keep_evaluation(tmp_path, FLOWN)
    content = kept.path.read_bytes()
    kept.path.unlink()
    assert kept.trajectories.exists()
    assert list_evaluations(tmp_path).whole == []
    kept.path.write_bytes(content[:-20])
    listing = list_evaluations(tmp_path)
    assert listing.whole == []
    assert [path for path, _ in listing.damaged] == [kept.path]


def test_a_result_of_an_earlier_version_has_no_provenance(tmp_path: Path) -> None:
    kept = keep_evaluation(tmp_path, FLOWN)
    values = msgspec.json.decode(kept.path.read_bytes())
    del values["provenance"]
    kept.path.write_bytes(msgspec.json.encode(values))
    assert list_evaluations(tmp_path).whole == [kept]


def test_trajectories_round_trip(tmp_path: Path) -> None:
    read = read_trajectories(keep_evaluation(tmp_path, FLOWN).trajectories)
    for field in fields(Trajectories):
        written, found = getattr(FLOWN, field.name), getattr(read, field.name)
        assert found.dtype == written.dtype
        assert np.array_equal(found, written, equal_nan=found.dtype.kind == "f")
    assert read.flight(1) == slice(12, 25)
    assert read.column("time_s")[read.flight(1)].tolist() == list(range(13))
    assert read.last("feet_down").tolist() == [4.0, 4.0, 0.0]
    with pytest.raises(KeyError):
        read.column("no_such")


def write(path: Path, **changes: object) -> None:
    arrays = {field.name: getattr(FLOWN, field.name) for field in fields(Trajectories)} | changes
    content = io.BytesIO()
    np.savez(content, **{name: array for name, array in arrays.items() if array is not None})
    path.write_bytes(content.getvalue())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": None}, "seeds"),
        ({"rows": FLOWN.rows[:-1]}, "rows"),
        ({"rows": FLOWN.rows.astype(np.float64)}, "rows"),
        ({"reward": FLOWN.reward[:2]}, "reward"),
        ({"outcomes": FLOWN.outcomes[:2]}, "outcomes"),
        ({"offsets": FLOWN.offsets[[0, 2, 1, 3]]}, "offsets"),
        ({"seeds": np.array([object()] * 3)}, "allow_pickle"),
    ],
)
def test_an_inconsistent_file_is_refused(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    path = tmp_path / "flown.npz"
    write(path, **changes)
    with pytest.raises(TrajectoriesError, match=said) as caught:
        read_trajectories(path)
    assert str(path) in str(caught.value)


def test_a_truncated_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flown.npz"
    with pytest.raises(TrajectoriesError, match="No such file"):
        read_trajectories(path)
    content = encode_trajectories(FLOWN)
    for length in (0, 100, len(content) - 30):
        path.write_bytes(content[:length])
        with pytest.raises(TrajectoriesError, match=r"flown\.npz"):
            read_trajectories(path)


def test_an_episode_needs_a_start_and_an_end() -> None:
    with pytest.raises(ValueError, match="start and an end"):
        replace(FLOWN, offsets=np.array([0, 1, 25, 39]))
    assert len(COLUMNS) == FLOWN.rows.shape[1]
