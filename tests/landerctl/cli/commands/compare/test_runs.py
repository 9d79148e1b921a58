"""`landerctl runs` and its verbs, on state folders filled by the real writers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent, read_metadata
from daemon.runs.run_folder import set_current
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl, make_checkpoint

CONFIG = load_config(None).config


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    """Two runs: `base`, and its fork `other`, which is the current one."""
    paths = StatePaths(tmp_path / "home")
    base = create_run(paths, CONFIG, 1e9, name="base", tags=["first"])
    state = make_checkpoint(base, 3_000_000, "gate")
    parent = Parent(base.id, state.id, state.timesteps)
    other = create_run(paths, CONFIG, 2e9, name="other", parent=parent)
    make_checkpoint(other, 4_000_000)
    set_current(paths, other.id)
    return paths


def run_named(paths: StatePaths, name: str) -> RunPaths:
    found = [path for path in paths.runs.iterdir() if not path.name.startswith(".")]
    return next(run for run in map(RunPaths, found) if read_metadata(run).name == name)


def as_json(paths: StatePaths, *arguments: str) -> Any:
    return json.loads(landerctl(paths.home, *arguments, "--json").stdout)


def test_the_list_shows_filters_and_sorts(paths: StatePaths) -> None:
    whole = landerctl(paths.home, "runs").stdout.splitlines()
    assert whole[0].split() == [
        *("NAME", "STATE", "STEPS", "STAGE", "SUCCESS", "AGE", "PARENT", "TAGS", "ID")
    ]
    assert whole[1].split()[:5] == ["*", "other", "stopped", "4.00M", "2"]
    assert "base" in whole[1] and "first" in whole[2]
    sorted_ = as_json(paths, "runs", "list", "--sort", "steps", "--reverse")
    assert [one["metadata"]["name"] for one in sorted_] == ["base", "other"]
    assert as_json(paths, "runs", "--tag", "first")[0]["gates"] == 1
    assert as_json(paths, "runs", "--where", "steps>3M")[0]["current"] is True
    wrong = landerctl(paths.home, "runs", "--where", "stge=1")
    assert (wrong.returncode, wrong.stderr) == (
        Exit.USAGE,
        "landerctl: unknown field 'stge'; did you mean 'stage'?\n",
    )


def test_disk_says_what_each_run_uses(paths: StatePaths) -> None:
    assert landerctl(paths.home, "backup").returncode == 0
    other, base = as_json(paths, "runs", "--disk")
    assert base["disk"]["backups"] == 0 < other["disk"]["backups"]
    assert base["disk"]["checkpoints"] > 2000
    total = landerctl(paths.home, "runs", "--disk").stdout.splitlines()[-1]
    assert total.startswith("2 runs: ")


def test_a_run_is_renamed_and_tagged_by_its_name(paths: StatePaths) -> None:
    renamed = landerctl(paths.home, "runs", "rename", "base", "first-one")
    assert renamed.stdout.endswith(" is now first-one, it was base\n")
    taken = landerctl(paths.home, "runs", "rename", "first-one", "other")
    assert (taken.returncode, "has it; choose another" in taken.stderr) == (Exit.USAGE, True)
    assert landerctl(paths.home, "runs", "rename", "other", "other").returncode == 0  # its own
    landerctl(paths.home, "runs", "tag", "first-one", "paper", "lr=3e-4", "--remove", "first")
    assert landerctl(paths.home, "runs", "tag", "first-one").stdout.split() == ["lr=3e-4", "paper"]
    missing = landerctl(paths.home, "runs", "tag", "frst-one", "paper")
    assert (missing.returncode, "did you mean 'first-one'" in missing.stderr) == (
        Exit.NOT_FOUND,
        True,
    )


def test_a_note_belongs_to_its_run(paths: StatePaths) -> None:
    noted = as_json(paths, "runs", "note", "base", "the ramp was too steep")
    assert [one["text"] for one in noted["notes"]] == ["the ramp was too steep"]
    assert "the ramp was too steep" in run_named(paths, "base").notes.read_text()
    assert as_json(paths, "note")["notes"] == []  # the current run has none
    assert as_json(paths, "runs", "note", "base")["notes"] == noted["notes"]


def test_diff_ends_with_1_where_settings_differ(paths: StatePaths) -> None:
    given = load_config(None, {"ppo": {"clip_range": 0.1}}).config
    create_run(paths, given, 3e9, name="narrow")
    same = landerctl(paths.home, "runs", "diff", "base", "other")
    assert (same.returncode, same.stdout) == (0, "no setting, version or machine differs\n")
    shown = landerctl(paths.home, "runs", "diff", "base", "narrow")
    assert shown.returncode == Exit.FAILED
    assert shown.stdout.splitlines()[1].split() == ["ppo.clip_range", "0.2", "0.1"]
    assert as_json(paths, "runs", "diff", "base", "narrow")["settings"] == {
        "ppo.clip_range": [0.2, 0.1]
    }


def test_an_archived_run_is_left_out_of_lists(paths: StatePaths) -> None:
    base = run_named(paths, "base")
    for steps in (3_100_000, 3_200_000):
        make_checkpoint(base, steps)
    done = landerctl(paths.home, "runs", "archive", "base", "--free")
    assert "1 checkpoint removed" in done.stdout
    assert len(list(base.checkpoints.iterdir())) == 2  # the gate's, and the newest
    assert [one["metadata"]["name"] for one in as_json(paths, "runs")] == ["other"]
    assert len(as_json(paths, "runs", "--all")) == 2
    assert landerctl(paths.home, "runs", "archive", "other").returncode == Exit.FAILED
    landerctl(paths.home, "runs", "unarchive", "base")
    assert len(as_json(paths, "runs")) == 2
