"""`landerctl fly`: arguments refused before a flight."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.cli.test_app import complete
from tests.landerctl.operator_side import landerctl, make_checkpoint, make_run


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--stage", "6"], "--stage 6: allowed 1 to 5"),
        (["--speed", "fast"], "--speed fast: must be a number of at least 0, or max"),
        (["--speed", "-1"], "--speed -1: must be a number of at least 0, or max"),
        (["--speed", "nan"], "--speed nan: must be a number of at least 0, or max"),
        (["--save", "flight.txt"], "--save flight.txt: must be a .csv or .npz file"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, options: list[str], text: str) -> None:
    ended = landerctl(tmp_path, "fly", *options)
    assert (ended.returncode, ended.stdout) == (Exit.USAGE, "")
    assert ended.stderr == f"landerctl: {text}\n"


@pytest.mark.parametrize("options", [["--stage", "0"], ["--seed", "-1"], ["--seed", str(2**64)]])
def test_numbers_out_of_range_are_usage(tmp_path: Path, options: list[str]) -> None:
    ended = landerctl(tmp_path, "fly", *options)
    assert ended.returncode == Exit.USAGE
    assert ended.stderr.count("\n") == 1


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "flight.csv"
    path.write_text("precious", encoding="utf-8")
    ended = landerctl(tmp_path, "fly", "--save", str(path))
    assert ended.returncode == Exit.CANNOT_WRITE
    assert ended.stderr == f"landerctl: --save {path}: exists; replace it with --force\n"
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_checkpoint_needs_a_run(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "fly", "--pilot", "000001-100-gate")
    assert ended.returncode == Exit.NOT_FOUND
    assert "no run in" in ended.stderr
    assert "'reference' needs none" in ended.stderr


def test_an_unknown_pilot_and_a_stage_that_the_run_has_not(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    id_ = make_checkpoint(run, 50_000).id
    unknown = landerctl(tmp_path, "fly", "--pilot", "nobody")
    assert unknown.returncode == Exit.NOT_FOUND
    assert "nobody" in unknown.stderr
    assert unknown.stderr.count("\n") == 1
    beyond = landerctl(tmp_path, "fly", "--pilot", id_, "--stage", "9")
    assert beyond.returncode == Exit.USAGE
    assert beyond.stderr == "landerctl: --stage 9: allowed 1 to 5\n"


def test_an_unreadable_configuration_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[fleet]\nthreads = 0\n", encoding="utf-8")
    ended = landerctl(tmp_path, "fly")
    assert ended.returncode == Exit.CONFIG
    assert "fleet.threads = 0" in ended.stderr


def test_bash_completes_pilots(tmp_path: Path) -> None:
    id_ = make_checkpoint(make_run(tmp_path), 50_000).id
    assert complete(tmp_path, "landerctl fly --pilot ref") == ["reference"]
    assert complete(tmp_path, "landerctl fly --pilot 0000") == [id_]
