"""STATE, RUN and RUN/STATE in the verbs: found, refused, and what is said of each."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from daemon.backup.make import make_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from landerctl.cli.app import run as execute
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.landerctl.operator_side import fill_store, make_checkpoint

CONFIG = load_config(None).config


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StatePaths:
    """`first` with two backups of three states, and `second`, the current one, with one of one."""
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path))
    paths = StatePaths(tmp_path)
    for name, backed_up in (("first", (50_000, 100_000)), ("second", (70_000,))):
        run = create_run(paths, CONFIG, name=name)
        for timesteps in backed_up:
            id_ = make_checkpoint(run, timesteps).id
            make_backup(paths, run, id_, paths.backups, created_s=time.time())
        set_current(paths, run.id)
    make_checkpoint(_run(paths, "first"), 150_000)
    fill_store(tmp_path, _run(paths, "second").id)
    return paths


def _run(paths: StatePaths, name: str) -> RunPaths:
    return next(
        paths.run(folder.name)
        for folder in sorted(paths.runs.iterdir())
        if json.loads((folder / "run.json").read_bytes())["name"] == name
    )


@pytest.mark.parametrize(
    ("named", "backup"),
    [
        ("first", "000002-100000-interval"),
        ("first/newest", "000002-100000-interval"),
        ("first/000001-50000-interval", "000001-50000-interval"),
        ("newest", "000001-70000-interval"),
        ("second", "000001-70000-interval"),
        ("000001-70000-interval", "000001-70000-interval"),
    ],
)
def test_a_backup_is_found(
    paths: StatePaths, named: str, backup: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _run(paths, "first" if "first" in named else "second")
    assert execute(["backup", "pin", named]) == Exit.OK
    assert capsys.readouterr().out == f"{backup} of run {run.id} is pinned\n"
    assert execute(["backup", "verify", named, "--json"]) == Exit.OK
    found = [{"run_id": run.id, "id": backup, "faults": []}]
    assert json.loads(capsys.readouterr().out) == found


def test_backups_of_a_run_that_was_removed_are_found_by_its_id(
    paths: StatePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _run(paths, "first")
    run.folder.rename(paths.home / "elsewhere")
    assert execute(["backups", "--run", run.id, "--json"]) == Exit.OK
    listed = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in listed] == ["000001-50000-interval", "000002-100000-interval"]
    assert execute(["backup", "pin", f"{run.id}/newest"]) == Exit.OK


def test_the_states_of_a_run_are_listed(
    paths: StatePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["backups", "--run", "first"]) == Exit.OK
    shown = capsys.readouterr().out
    assert f"{_run(paths, 'first').id}/000003-150000-interval" in shown
    assert "70000" not in shown


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("backups --run frst", Exit.NOT_FOUND, "--run frst: no such run .* did you mean 'first'"),
        ("backups --run first --all-runs", Exit.USAGE, "give only one of them"),
        ("backup pin frst/newest", Exit.NOT_FOUND, "frst: no such run .* did you mean 'first'"),
        ("backup pin first/000003-150000-interval", Exit.NOT_FOUND, "no such backup.* backups --r"),
        ("backup pin frst", Exit.NOT_FOUND, "frst: no run and no state .* did you mean 'first'"),
        ("backup pin 000001-70001-interval", Exit.NOT_FOUND, "mean '000001-70000-interval'"),
        ("backup pin first/..", Exit.NOT_FOUND, r"first/\.\.: run .* has no such backup"),
        ("backup pin ..", Exit.NOT_FOUND, r"\.\.: run .* has no such backup"),
        ("rollback --to first --yes", Exit.USAGE, "start --from first` begins a new run"),
        ("rollback --to first/newest", Exit.USAGE, "start --from first/newest` begins a new run"),
        (
            "rollback --to frst/newest",
            Exit.NOT_FOUND,
            "--to frst: no such run .* did you mean 'first'",
        ),
        ("rollback --to 000001-70001-gate", Exit.NOT_FOUND, "mean '000001-70000-interval'"),
        ("rollback --to last-goof", Exit.NOT_FOUND, "did you mean 'last-good'"),
        ("rollback --to second/stage:0", Exit.USAGE, "is not a target"),
        ("metrics --run frst", Exit.NOT_FOUND, "--run frst: no such run .* did you mean 'first'"),
        ("metrics --run first/newest", Exit.USAGE, "names a state; write --run first for its run"),
        ("events --run frst", Exit.NOT_FOUND, "did you mean 'first'"),
        ("logs --run frst", Exit.NOT_FOUND, "did you mean 'first'"),
        ("episodes --run frst", Exit.NOT_FOUND, "did you mean 'first'"),
        (
            "plot --run frst/newest",
            Exit.NOT_FOUND,
            "--run frst: no such run .* did you mean 'first'",
        ),
        ("plot --run first/000001-50001-interval", Exit.NOT_FOUND, "mean '000001-50000-interval'"),
        ("tensorboard --run first/newest", Exit.USAGE, "names a state; write --run first for its"),
        ("evaluate frst/newest", Exit.NOT_FOUND, "did you mean 'first'"),
        ("evaluate first/best", Exit.NOT_FOUND, "no whole state can be the best"),
        ("evaluate newest second", Exit.USAGE, "newest and second: are the same"),
        ("evaluate reference first/reference", Exit.USAGE, "are the same"),
        ("evaluate first frst", Exit.NOT_FOUND, "did you mean 'first'"),
        ("evaluate first newest --pilot best", Exit.USAGE, "give only one of them"),
        ("evaluate first newest --stage 9", Exit.USAGE, "--stage 9: allowed 1 to 5"),
        ("evaluate first --stage 9", Exit.USAGE, "--stage 9: allowed 1 to 5"),
        ("fly --pilot first/000001-50001-interval", Exit.NOT_FOUND, "mean '000001-50000-interval'"),
        ("fly --pilot first/reference --stage 9", Exit.USAGE, "--stage 9: allowed 1 to 5"),
    ],
)
def test_each_mistake_is_one_line(paths: StatePaths, line: str, code: int, said: str) -> None:
    with pytest.raises(Failure, match=said) as caught:
        execute(line.split())
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("to", ["second", "second/newest", "newest", "current", "second/before:1s"])
def test_a_rollback_takes_the_run_s_own_states(paths: StatePaths, to: str) -> None:
    """The preview is refused without a terminal: the state was found."""
    with pytest.raises(Failure, match="000001-70000-interval: a rollback without a terminal"):
        execute(["rollback", "--to", to])


def test_two_vehicles_cannot_be_compared(paths: StatePaths) -> None:
    apollo = load_config(None, {"fleet": {"vehicle": "apollo-lm"}}).config
    make_checkpoint(create_run(paths, apollo, name="third"), 10_000)
    with pytest.raises(Failure, match="newest flies starship-hls, third apollo-lm") as caught:
        execute(["evaluate", "newest", "third"])
    assert caught.value.code == Exit.USAGE


def test_events_and_metrics_take_a_name(
    paths: StatePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("metrics", "events"):
        assert execute([verb, "--run", "first", "--json"]) == Exit.OK
