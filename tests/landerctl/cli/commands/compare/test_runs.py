"""`landerctl runs` and its verbs, on state folders filled by the real writers."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from daemon.backup.catalog import write_tag
from daemon.backup.make import make_backup
from daemon.backup.record import Tag
from daemon.base.leftovers import half_removed
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config import load_config
from daemon.processes.lease import Lease
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent, read_metadata
from daemon.runs.run_folder import current_run, set_current
from daemon.store.reader import StoreReader
from landerctl.cli.app import run
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.recording import finish_killed_removals
from tests.landerctl.operator_side import fill_store, landerctl, make_checkpoint, supervisor

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


class Ran(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Program:
    """The program in this process: a new one takes a second each."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        try:
            code, failure = run(list(arguments)), ""
        except Failure as error:
            code, failure = error.code, error.text
        out, err = self._capsys.readouterr()
        return Ran(code, out, err + failure)

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json").stdout)


@pytest.fixture
def program(
    paths: StatePaths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    monkeypatch.setenv("LANDERCTL_HOME", str(paths.home))
    return Program(capsys)


def test_the_list_shows_filters_and_sorts(paths: StatePaths, program: Program) -> None:
    whole = program("runs").stdout.splitlines()
    assert whole[0].split() == [
        *("NAME", "STATE", "STEPS", "STAGE", "SUCCESS", "AGE", "PARENT", "TAGS", "ID")
    ]
    assert whole[1].split()[:5] == ["*", "other", "stopped", "4.00M", "2"]
    assert "base" in whole[1] and "first" in whole[2]
    sorted_ = program.json("runs", "list", "--sort", "steps", "--reverse")
    assert [one["metadata"]["name"] for one in sorted_] == ["base", "other"]
    assert program.json("runs", "--tag", "first")[0]["gates"] == 1
    assert program.json("runs", "--where", "steps>3M")[0]["current"] is True
    wrong = program("runs", "--where", "stge=1")
    assert (wrong.returncode, wrong.stderr) == (
        Exit.USAGE,
        "unknown field 'stge'; did you mean 'stage'?",
    )


def test_disk_says_what_each_run_uses(paths: StatePaths, program: Program) -> None:
    assert program("backup").returncode == 0
    other, base = program.json("runs", "--disk")
    assert base["disk"]["backups"] == 0 < other["disk"]["backups"]
    assert base["disk"]["checkpoints"] > 2000
    total = program("runs", "--disk").stdout.splitlines()[-1]
    assert total.startswith("2 runs: ")


def test_show_says_where_a_run_comes_from_and_what_it_reached(
    paths: StatePaths, program: Program
) -> None:
    program("runs", "note", "base", "a good start")
    base, other = run_named(paths, "base"), run_named(paths, "other")
    shown = program("runs", "show", "base").stdout
    assert f"forks        other ({other.id}) from 000001-3000000-gate" in shown
    assert "gates        stage 2: 3,000,000 steps" in shown
    assert "settings     all are the defaults" in shown
    assert "a good start" in shown
    details = program.json("runs", "show", "other")
    assert details["origin"] == [
        {"run_id": base.id, "name": "base", "state": "000001-3000000-gate", "timesteps": 3_000_000}
    ]
    assert details["run"]["disk"]["checkpoints"] > 2000
    base.metadata.unlink()  # as in a state folder of an earlier version
    base.config.write_text("{")
    assert "config.json cannot be read" in program("runs", "show", base.id).stdout


def test_a_run_is_renamed_and_tagged_by_its_name(paths: StatePaths, program: Program) -> None:
    renamed = program("runs", "rename", "base", "first-one")
    assert renamed.stdout.endswith(" is now first-one, it was base\n")
    taken = program("runs", "rename", "first-one", "other")
    assert (taken.returncode, "has it; choose another" in taken.stderr) == (Exit.USAGE, True)
    assert program("runs", "rename", "other", "other").returncode == 0  # its own
    program("runs", "tag", "first-one", "paper", "lr=3e-4", "--remove", "first")
    assert program.json("runs", "tag", "first-one")["tags"] == ["lr=3e-4", "paper"]
    missing = program("runs", "tag", "frst-one", "paper")
    assert (missing.returncode, "did you mean 'first-one'" in missing.stderr) == (
        Exit.NOT_FOUND,
        True,
    )


def test_a_note_belongs_to_its_run(paths: StatePaths, program: Program) -> None:
    noted = program.json("runs", "note", "base", "the ramp was too steep")
    assert [one["text"] for one in noted["notes"]] == ["the ramp was too steep"]
    assert "the ramp was too steep" in run_named(paths, "base").notes.read_text()
    assert program.json("note")["notes"] == []  # the current run has none
    assert program.json("runs", "note", "base")["notes"] == noted["notes"]


def test_diff_ends_with_1_where_settings_differ(paths: StatePaths, program: Program) -> None:
    given = load_config(None, {"ppo": {"clip_range": 0.1}}).config
    create_run(paths, given, 3e9, name="narrow")
    same = program("runs", "diff", "base", "other")
    assert (same.returncode, same.stdout) == (0, "no setting, version or machine differs\n")
    shown = program("runs", "diff", "base", "narrow")
    assert shown.returncode == Exit.FAILED
    assert shown.stdout.splitlines()[1].split() == ["ppo.clip_range", "0.2", "0.1"]
    assert program.json("runs", "diff", "base", "narrow")["settings"] == {
        "ppo.clip_range": [0.2, 0.1]
    }


def test_an_archived_run_is_left_out_of_lists(paths: StatePaths, program: Program) -> None:
    base = run_named(paths, "base")
    for steps in (3_100_000, 3_200_000):
        make_checkpoint(base, steps)
    done = program("runs", "archive", "base", "--free")
    assert "1 checkpoint removed" in done.stdout
    assert len(list(base.checkpoints.iterdir())) == 2  # the gate's, and the newest
    assert [one["metadata"]["name"] for one in program.json("runs")] == ["other"]
    assert len(program.json("runs", "--all")) == 2
    assert program("runs", "archive", "other").returncode == Exit.FAILED
    program("runs", "unarchive", "base")
    assert len(program.json("runs")) == 2


def test_a_run_that_a_fork_needs_is_not_removed(paths: StatePaths, program: Program) -> None:
    refused = program("runs", "rm", "base", "--yes")
    assert refused.returncode == Exit.FAILED
    assert "run other (" in refused.stderr
    assert "was forked from it; remove that first" in refused.stderr
    current = program("runs", "rm", "other", "base", "--yes")
    assert "is the current run" in current.stderr
    assert len(program.json("runs")) == 2


def test_removed_runs_are_gone_but_for_their_pinned_backups(
    paths: StatePaths, program: Program
) -> None:
    base = run_named(paths, "base")
    backup = make_backup(
        paths, base, list_checkpoints(base.checkpoints).whole[0].id, paths.backups, created_s=1e9
    )
    write_tag(paths.backups, backup, Tag(pinned=True))
    set_current(paths, create_run(paths, CONFIG, name="third").id)
    asked = program("runs", "rm", "base", "other")
    assert (asked.returncode, len(program.json("runs"))) == (Exit.USAGE, 3)
    planned = program.json("runs", "rm", "base", "other", "--dry-run")
    assert [one["name"] for one in planned["planned"]] == ["other", "base"]  # the fork first
    assert planned["removed"] == []
    done = program("runs", "rm", "base", "other", "--backups", "--yes")
    assert done.returncode == 0
    assert "1 backup kept, 1 pinned" in done.stdout
    assert [one["metadata"]["name"] for one in program.json("runs")] == ["third"]
    with StoreReader.open(paths.store) as store:
        removed = store.events(names=["run.removed"])
    assert [one.body["name"] for one in removed] == ["other", "base"]
    assert all(one.body["by"] for one in removed)
    listed = program.json("backups", "--all-runs")
    assert [(one["run_id"], one["id"], one["pinned"]) for one in listed] == [
        (base.id, backup.id, True)
    ]
    command = ("restore", str(paths.backups), "--run", base.id, "--yes", "--no-start")
    restored = program(*command)
    assert restored.returncode == 0, restored.stderr
    assert program("runs", "rm", "third", "--yes").returncode == 0


def test_beside_a_daemon_that_one_records_the_removal(paths: StatePaths, program: Program) -> None:
    extra = create_run(paths, CONFIG, name="extra")
    with supervisor(paths.home, run_named(paths, "other")):
        assert program("runs", "rm", "extra", "--yes").returncode == 0
        refused = program("runs", "rm", "other", "--yes")
        assert refused.returncode == Exit.FAILED
        with StoreReader.open(paths.store) as store:
            [event] = store.events(names=["run.removed"])
    assert (event.body["run"], event.run_id) == (extra.id, run_named(paths, "other").id)


def test_a_run_whose_trainer_still_saves_is_not_removed(
    paths: StatePaths, program: Program
) -> None:
    extra = create_run(paths, CONFIG, name="extra")
    lease = Lease.take(extra.lease)
    refused = program("runs", "rm", "extra", "--yes")
    lease.close()
    assert (refused.returncode, "its trainer is running" in refused.stderr) == (Exit.BUSY, True)
    assert extra.folder.exists()


def test_a_start_finishes_a_removal_that_was_killed(paths: StatePaths, program: Program) -> None:
    extra = create_run(paths, CONFIG, name="extra")
    killed = landerctl(
        paths.home, "runs", "rm", "extra", "--yes", LANDERCTL_FAILPOINT="remove.hidden:kill"
    )
    assert killed.returncode == -signal.SIGKILL
    assert not extra.folder.exists()
    assert "runs rm" in program("check", "leftovers").stdout
    finish_killed_removals(paths, lambda: paths.backups)
    assert half_removed(paths.runs) == []
    with StoreReader.open(paths.store) as store:
        assert [one.run_id for one in store.events(names=["run.removed"])] == [extra.id]


def test_switch_makes_an_older_run_the_current_one(paths: StatePaths, program: Program) -> None:
    base = run_named(paths, "base")
    program("runs", "archive", "base")
    switched = program("runs", "switch", "base")
    assert "is the current run now, at 000001-3000000-gate" in switched.stdout
    assert current_run(paths) == base
    assert read_metadata(base).archived_s is None  # it is listed again
    assert "is the current run already" in program("runs", "switch", "base").stdout
    with StoreReader.open(paths.store) as store:
        [event] = store.events(names=["run.switched"])
    assert event.body["from"] == run_named(paths, "other").id
    fill_store(paths.home, run_named(paths, "other").id, started_s=1e9, stopped_s=1e9 + 60.0)
    shown = program("status").stdout
    assert f"run base ({base.id}) was made the current one by" in shown
    assert "not started since" in shown
    with supervisor(paths.home, base):
        refused = program("runs", "switch", "other")
    assert (refused.returncode, current_run(paths)) == (Exit.ALREADY_RUNNING, base)
    lease = Lease.take(base.lease)
    assert program("runs", "switch", "other").returncode == Exit.BUSY
    lease.close()
    assert current_run(paths) == base
