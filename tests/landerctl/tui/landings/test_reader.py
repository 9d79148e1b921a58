from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.store.records import RunRecord, Status
from landerctl.tui.data.reader import NOT_READ_YET
from landerctl.tui.data.snapshot import NO_STATUS, Snapshot
from landerctl.tui.landings.reader import LandingsReader
from tests.evaluation_samples import keep_evaluation, trajectories

NOW_S = 2e9


def snapshot(at_s: float = NOW_S) -> Snapshot:
    run = RunRecord("run-1", 1e9, "curriculum", "ppo", 8)
    status: Status = msgspec.structs.replace(NO_STATUS, run=run)
    return Snapshot(at_s, NOT_READ_YET, status=status)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = StatePaths(tmp_path).run("run-1")
    run.folder.mkdir(parents=True)
    return run.evaluations


@pytest.fixture
def reader(tmp_path: Path) -> LandingsReader:
    return LandingsReader(StatePaths(tmp_path))


def test_nothing_to_read_is_none(reader: LandingsReader) -> None:
    assert reader.read(snapshot()) is None
    assert reader.read(replace(snapshot(), status=NO_STATUS)) is None


def test_flights_are_read_worst_first_with_where_they_ended(
    reader: LandingsReader, folder: Path
) -> None:
    keep_evaluation(folder, trajectories(("landed", "crashed", "timeout"), miss_m=2.0))
    landings = reader.read(snapshot())
    assert landings is not None
    assert [one.outcome for one in landings.flights] == ["crashed", "timeout", "landed"]
    crashed, timeout, landed = landings.flights
    assert landed.miss_m == pytest.approx(2.0, abs=1e-4)
    assert crashed.miss_m == pytest.approx(20.0, abs=1e-4)
    assert timeout.touchdown_speed_m_s is None
    assert landed.seed == 500
    assert landed.path[0] == pytest.approx((40.0, 50.0))
    assert landed.path[-1] == pytest.approx((2.0, 0.0), abs=1e-4)


def test_the_same_object_until_a_new_evaluation_arrives(
    reader: LandingsReader, folder: Path
) -> None:
    keep_evaluation(folder, trajectories(("landed",)), created_s=1e9)
    first = reader.read(snapshot())
    assert reader.read(snapshot()) is first
    keep_evaluation(folder, trajectories(("crashed",)), "000013-700000-gate", created_s=1.1e9)
    second = reader.read(snapshot())
    assert second is not None
    assert second.evaluation.result.pilot == "000013-700000-gate"
    assert (second.position, second.total) == (2, 2)
    older = reader.read(snapshot(), second.older)
    assert older is not None
    assert older.evaluation.result.pilot == "000012-600000-gate"
    assert older.newer == second.evaluation.path


def test_the_past_knows_nothing_later(reader: LandingsReader, folder: Path) -> None:
    keep_evaluation(folder, trajectories(("landed",)), created_s=1e9)
    keep_evaluation(folder, trajectories(("crashed",)), "000013-700000-gate", created_s=1.1e9)
    past = reader.read(snapshot(1.05e9))
    assert past is not None
    assert (past.position, past.total, past.newer) == (1, 1, None)
    assert reader.read(snapshot(0.9e9)) is None


def test_control_characters_of_a_result_are_visible(reader: LandingsReader, folder: Path) -> None:
    kept = keep_evaluation(folder, trajectories(("landed",)))
    text = kept.path.read_text().replace("approach", "\\u001b[2Japproach")
    kept.path.write_text(text)
    landings = reader.read(snapshot())
    assert landings is not None
    assert landings.evaluation.result.stage_name == "␛[2Japproach"


def test_a_damaged_result_is_skipped_and_damaged_trajectories_are_said(
    reader: LandingsReader, folder: Path
) -> None:
    kept = keep_evaluation(folder, trajectories(("landed",)), created_s=1e9)
    (folder / "20300101-000000-x-stage1.json").write_text("{")
    kept.trajectories.write_bytes(b"no archive")
    landings = reader.read(snapshot())
    assert landings is not None
    assert landings.total == 1
    assert landings.flights == ()
    assert landings.fault is not None
    assert str(kept.trajectories) in landings.fault


def test_numpy_is_not_loaded_before_an_evaluation_is_shown() -> None:
    code = (
        "import sys, landerctl.tui.landings.reader, landerctl.tui.landings.descents;"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
