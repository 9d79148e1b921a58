"""`landerctl episodes`: why did the last episodes crash?"""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from daemon.protocol.trainer import EpisodesEnded, OutcomeCount
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from tests.daemon.store.test_episodes import FAILED
from tests.landerctl.operator_side import landerctl, make_run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    run = make_run(tmp_path)
    counts = [
        OutcomeCount(1, "crashed", 60),
        OutcomeCount(2, "timeout", 30),
        OutcomeCount(2, "landed", 10),
    ]
    speeds = [
        msgspec.structs.replace(FAILED, touchdown_speed_m_s=speed) for speed in (9.0, 30.0, 10.0)
    ]
    late = msgspec.structs.replace(
        FAILED, cause="timeout", stage=2, difficulty=1.25, seed=7, touchdown_speed_m_s=None
    )
    with closing(StoreWriter.open(tmp_path / "store.db")) as writer:
        writer.add_episodes(run.id, EpisodesEnded(time.time(), counts, [*speeds, late]))
        writer.add_session(time.time(), "another")
        writer.add_episodes("another", EpisodesEnded(time.time(), counts, [FAILED]))
    return tmp_path


def test_the_summary_by_cause_and_the_newest_failed(home: Path) -> None:
    lines = landerctl(home, "episodes").stdout.splitlines()
    assert lines[1].split() == ["crashed", "60", "60%", "10.0", "m/s", "5", "m", "40%"]
    assert lines[2].split() == ["timeout", "30", "30%", "-", "5", "m", "40%"]
    assert lines[3].split() == ["landed", "10", "10%", "-", "-", "-"]
    assert "timeout" in lines[-2] and lines[-2].endswith(" 7")
    assert "fly --pilot newest --difficulty 1.25 --seed 7" in lines[-1]


def test_filters_and_json(home: Path) -> None:
    def listed(*arguments: str) -> list[dict[str, object]]:
        output = json.loads(landerctl(home, "episodes", "--json", *arguments).stdout)
        return list(output["failed"])

    assert [one["cause"] for one in listed("--limit", "2")] == ["crashed", "timeout"]
    assert [one["seed"] for one in listed("--cause", "crashed", "--limit", "1")] == [FAILED.seed]
    assert [one["cause"] for one in listed("--stage", "2")] == ["timeout"]
    assert str(listed("--stage", "1")[0]["again"]).endswith(f"--stage 1 --seed {FAILED.seed}")
    assert len(listed("--run", "another")) == 1
    assert "OUTCOME" not in landerctl(home, "episodes", "--failed").stdout
    for arguments in (["--home", str(home), "episodes"], ["episodes", "--home", str(home)]):
        assert landerctl(home, *arguments).stdout.splitlines()[-1].endswith(f"--home {home}")


def test_nothing_to_show_is_one_line(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    unknown = landerctl(home, "episodes", "--cause", "tired")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (Exit.USAGE, 1)
    none = landerctl(home, "episodes", "--stage", "5")
    assert (none.returncode, none.stderr.count("\n")) == (Exit.NOT_FOUND, 1)
    empty = landerctl(tmp_path_factory.mktemp("empty"), "episodes")
    assert (empty.returncode, empty.stderr.count("\n")) == (Exit.UNKNOWN, 1)
