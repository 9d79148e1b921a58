"""The table for other programs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import TrialState
from daemon.sweeps.store.sweep_store import SweepStore
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.results import export
from landerctl.operations.sweeps.results.export import table, write_export
from landerctl.operations.tables import formats
from tests.landerctl.operations.sweeps.results.sweep_samples import leg, trial


@pytest.fixture
def sweep(tmp_path: Path) -> SweepPaths:
    found = SweepPaths(tmp_path)
    SweepStore.create(found.store)
    with SweepStore.open(found.store, write=True) as store, store.transaction():
        store.add_trial(trial(0, 0, values={"ppo.desired_kl": 0.004, "run.n_envs": 8}))
        reason = "no,\n such vehicle"
        values = {"ppo.desired_kl": 1}
        store.add_trial(trial(1, 1, values=values, state=TrialState.FAILED, reason=reason))
        store.add_leg(leg(0, {"gate": 0.0}, 100_000))
        store.add_leg(leg(0, {"gate": 1.0, "success": 0.9}))
    return found


def test_a_row_a_leg_and_one_for_a_trial_without(sweep: SweepPaths, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert write_export(sweep, "csv", path) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["steps"] for row in rows] == ["100000", "300000", ""]
    assert [row["success"] for row in rows] == ["", "0.9", ""]
    # A column has one kind of number.
    assert [row["ppo.desired_kl"] for row in rows] == ["0.004", "0.004", "1.0"]
    assert rows[2] | {"state": "failed", "run.n_envs": "", "parent": ""} == rows[2]
    assert rows[2]["reason"].startswith("no,") and "\n" not in rows[2]["reason"]


def test_parquet_keeps_the_kinds(sweep: SweepPaths, tmp_path: Path) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    assert write_export(sweep, "parquet", path) == 3
    found = parquet.read_table(path).to_pydict()
    assert found["trial"] == [0, 0, 1]
    assert found["gate"] == [0.0, 1.0, None]
    assert found["run.n_envs"] == [8, 8, None]


def test_mixed_values_are_json() -> None:
    trials = [trial(n, n, values={"net": value}) for n, value in enumerate([[64, 64], "small"])]
    assert export._uniform(table(trials, [])["net"]) == ["[64, 64]", '"small"']


def test_without_pyarrow_it_names_the_extra(
    sweep: SweepPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    with pytest.raises(Failure, match=r"pip install 'landerctl\[parquet\]'") as caught:
        write_export(sweep, "parquet", tmp_path / "out.parquet")
    assert caught.value.code == Exit.USAGE


def test_what_cannot_be_written_is_said(sweep: SweepPaths, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="name another file") as caught:
        write_export(sweep, "csv", tmp_path / "missing" / "out.csv")
    assert caught.value.code == Exit.CANNOT_WRITE
    with pytest.raises(Failure, match="no such store"):
        write_export(SweepPaths(tmp_path / "missing"), "csv", tmp_path / "out.csv")


def test_an_empty_sweep_has_a_head(tmp_path: Path) -> None:
    found = SweepPaths(tmp_path)
    SweepStore.create(found.store)
    assert write_export(found, "csv", tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text().startswith("trial,group,seed,parent,state")
