"""Looking at a state folder from Python, and the errors of what cannot be."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import assert_type

import numpy as np
import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.config.layering.assign import parse_assignment
from daemon.runs.creation import create_run
from daemon.runs.curves import Row, RunCurves, write_curves
from daemon.store.writer import StoreWriter
from landerctl.api import Columns, Error, Home
from landerctl.api.verbs import assignments
from landerctl.cli.commands.run.start import start
from landerctl.exitcodes import Exit
from tests.evaluation_samples import keep_evaluation, trajectories
from tests.landerctl.operator_side import (
    ROOT,
    environment,
    fill_store,
    make_checkpoint,
    make_run,
)

REWARD = "rollout/ep_rew_mean"
NOW_S = 1_790_000_000.0
ROUTINE = {"kind": "interval"}


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """The current run of a state folder, with some of everything."""
    run = make_run(tmp_path)
    make_checkpoint(run, 1000)
    make_checkpoint(run, 2000, "gate")
    keep_evaluation(run.evaluations, trajectories(("landed", "crashed")))
    fill_store(tmp_path, run.id)
    writer = StoreWriter.open(tmp_path / "store.db")
    with writer.transaction():
        writer.add_session(NOW_S, run.id)
        for number in range(3):
            writer.add_samples(NOW_S + number, {REWARD: 10.0 * number}, timesteps=100 * number)
            writer.add_samples(NOW_S + number, {"cpu/machine_percent": 50.0})
        writer.add_event("stage.started", "stage 1", time_s=NOW_S, run_id=run.id)
        writer.add_event("checkpoint.saved", "", time_s=NOW_S, run_id=run.id, body=dict(ROUTINE))
        writer.add_event("stage.started", "another's", time_s=NOW_S, run_id="other")
        writer.add_session(NOW_S + 3.0, "other")
        writer.add_samples(NOW_S + 4.0, {REWARD: -1.0}, timesteps=7)
    writer.close()
    return run


def test_runs_are_found_by_id_and_name_the_newest_first(run: RunPaths, tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    config = load_config(None).config
    later_s = time.time() + 60.0
    second = create_run(StatePaths(tmp_path), config, later_s, name="second", tags=("a",))
    assert home.path == tmp_path
    assert [one.id for one in home.runs()] == [second.id, run.id]
    assert home.current == home.run() == home.run(run.id)
    named = home.run("second")
    assert (named.id, named.folder) == (second.id, second.folder)
    assert (named.name, named.tags, named.state) == ("second", ("a",), "stopped")
    assert named.config.run.algorithm == "ppo"


def test_metrics_are_columns(run: RunPaths, tmp_path: Path) -> None:
    found = Home(tmp_path).run()
    reward = assert_type(found.metrics(REWARD), Columns)
    np.testing.assert_array_equal(reward["time_s"], [NOW_S, NOW_S + 1.0, NOW_S + 2.0])
    np.testing.assert_array_equal(reward["timesteps"], [0.0, 100.0, 200.0])
    np.testing.assert_array_equal(reward["value"], [0.0, 10.0, 20.0])
    assert set(found.metrics()) == {REWARD, "cpu/machine_percent"}
    assert np.isnan(
        found.metrics(["cpu/machine_percent"])["cpu/machine_percent"]["timesteps"]
    ).all()
    some = found.metrics(REWARD, since=datetime.fromtimestamp(NOW_S + 1.0), until=NOW_S + 2.0)
    assert some["value"].tolist() == [10.0]
    pandas = pytest.importorskip("pandas")
    assert pandas.DataFrame(reward).value.mean() == 10.0


def test_what_the_store_has_removed_comes_from_the_run(run: RunPaths, tmp_path: Path) -> None:
    rows = tuple(Row(NOW_S + k, 10 * k, float(k), {REWARD: float(k)}) for k in range(3))
    write_curves(run, RunCurves(rows=rows))
    (tmp_path / "store.db").unlink()
    found = Home(tmp_path).run()
    assert found.metrics()[REWARD]["timesteps"].tolist() == [0.0, 10.0, 20.0]
    assert found.events() == found.events("stage.started") == []
    assert (found.state, len(found.checkpoints())) == ("stopped", 2)


def test_events_states_and_evaluations(run: RunPaths, tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = home.run()
    assert [event.name for event in found.events()] == ["stage.started"]
    assert len(found.events(routine=True)) == 2
    assert [one.name for one in found.events("checkpoint.saved", limit=1)] == ["checkpoint.saved"]
    assert found.events(since=NOW_S + 1.0) == []
    assert [one.timesteps for one in found.checkpoints()] == [1000, 2000]
    assert [one.success_rate.mean for one in found.evaluations()] == [0.5]
    assert home.status().run_name == found.name


def test_an_empty_folder_has_no_runs(tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    assert home.runs() == []
    assert home.current is None
    assert not home.path.exists()


def test_the_example_plots_two_runs(run: RunPaths, tmp_path: Path) -> None:
    create_run(StatePaths(tmp_path), load_config(None).config, name="second")
    picture = tmp_path / "two.png"
    command = [sys.executable, "examples/plot_two_runs.py", "current", "second", str(picture)]
    subprocess.run(command, cwd=ROOT, env=environment(tmp_path), check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


FAILURES: dict[str, tuple[Callable[[Home], object], Exit, str]] = {
    "run": (lambda home: home.run("nope"), Exit.NOT_FOUND, "nope: no such run in "),
    "metric": (
        lambda home: home.run().metrics("rollout/ep_rew_men"),
        Exit.NOT_FOUND,
        f"no metric named 'rollout/ep_rew_men'; did you mean '{REWARD}'?",
    ),
    "event": (
        lambda home: home.run().events("stage.pased"),
        Exit.NOT_FOUND,
        "no event is named 'stage.pased'; did you mean 'stage.passed'?",
    ),
    "state": (lambda home: home.run().load_policy("bst"), Exit.NOT_FOUND, "did you mean 'best'?"),
    "model": (lambda home: home.rollback("bst"), Exit.NOT_FOUND, "did you mean 'best'?"),
    "daemon": (lambda home: home.stop(), Exit.NOT_RUNNING, "no daemon is running"),
    "setting": (
        lambda home: home.start(fresh=True, settings={"ppo.gama": 1}),
        Exit.USAGE,
        "did you mean 'gamma'?",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_errors_are_one_line_with_the_exit_code_of_the_command(
    case: str, run: RunPaths, tmp_path: Path
) -> None:
    call, code, text = FAILURES[case]
    with pytest.raises(Error) as caught:
        call(Home(tmp_path))
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).startswith("landerctl: ")
    assert caught.value.exit_code == code


def test_start_has_the_commands_options() -> None:
    of_a_terminal = {"context", "foreground", "dry_run", "as_json", "home", "config"}
    options = set(inspect.signature(start).parameters) - of_a_terminal
    assert set(inspect.signature(Home.start).parameters) - {"self"} == options


def test_settings_are_what_the_command_reads() -> None:
    text = "K\u00e4fer \N{ROCKET}\n"
    [option] = assignments({"tracking.experiment": text})
    assert parse_assignment(option.removeprefix("--set=")).value == text


def test_a_damaged_store_is_an_error(run: RunPaths, tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no store" * 100)
    with pytest.raises(Error) as caught:
        Home(tmp_path).run().events()
    assert caught.value.exit_code == Exit.UNKNOWN
