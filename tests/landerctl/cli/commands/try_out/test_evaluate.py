"""`landerctl evaluate`: arguments refused before a flight, and flying without a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.e2e.mission import SHARED
from tests.landerctl.cli.test_app import complete
from tests.landerctl.operator_side import landerctl, make_checkpoint, make_run


def test_a_policy_needs_a_run_and_the_reference_pilot_is_named(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "evaluate")
    assert (ended.returncode, ended.stdout) == (Exit.NOT_FOUND, "")
    assert "no run to evaluate" in ended.stderr
    assert "`landerctl evaluate --pilot reference` needs none" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_there_may_be_no_best_checkpoint_yet(tmp_path: Path) -> None:
    make_checkpoint(make_run(tmp_path), 50_000)
    for verb in (["evaluate", "best"], ["evaluate", "--pilot", "best"], ["fly", "--pilot", "best"]):
        ended = landerctl(tmp_path, *verb)
        assert ended.returncode == Exit.NOT_FOUND
        assert "none is evaluated, none has flown 50 episodes; use 'newest'" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["best", "--pilot", "newest"], "best and --pilot newest: give only one of them"),
        (["--stage", "6"], "--stage 6: allowed 1 to 5"),
        (["--pilot", "reference", "--stage", "6"], "--stage 6: allowed 1 to 5"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    make_checkpoint(make_run(tmp_path), 50_000)
    ended = landerctl(tmp_path, "evaluate", *arguments)
    assert (ended.returncode, ended.stdout) == (Exit.USAGE, "")
    assert ended.stderr == f"landerctl: {said}\n"


def test_bash_completes_words_ids_and_pilots(tmp_path: Path) -> None:
    id_ = make_checkpoint(make_run(tmp_path), 50_000).id
    assert complete(tmp_path, "landerctl evaluate be") == ["best"]
    assert complete(tmp_path, "landerctl evaluate 0000") == [id_]
    assert complete(tmp_path, "landerctl evaluate --pilot re") == ["reference"]


def test_the_reference_pilot_flies_without_a_run(tmp_path: Path) -> None:
    arguments = ["evaluate", "--pilot", "reference", "--episodes", "4"]
    ended = landerctl(tmp_path, *arguments, "--json", timeout_s=300.0, **SHARED)
    assert (ended.returncode, ended.stderr) == (Exit.OK, "")
    result = json.loads(ended.stdout)
    assert (result["pilot"], result["run_id"], result["stage"]) == ("reference", None, 1)
    assert result["outcomes"] == {"landed": 4}
    assert 0.0 < result["roughness"]["mean"] < 0.1
    assert result["soft_landings"]["mean"] == 1.0
    table = landerctl(tmp_path, *arguments, timeout_s=300.0, **SHARED)
    assert "stored                 no: there is no run\n" in table.stdout
    assert not (tmp_path / "runs").exists()
