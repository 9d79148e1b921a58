"""An operator's session with the real trainer: start, watch, reconfigure, stop, resume."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.base.identity import lock_is_held
from daemon.checkpoint.manifest import verify
from landerctl.exitcodes import Exit
from tests.e2e.mission import ROLLOUT_STEPS, Mission
from tests.landerctl.operator_side import SCRIPT
from tests.waiting import eventually


def test_start_watch_stop_and_resume(mission: Mission) -> None:
    killed_drill = mission.paths.drills / f".tmp-999999999@{os.uname().nodename}@crash"
    killed_drill.mkdir(parents=True)
    mission.paths.lock.touch()
    started = mission.done("start")
    assert not killed_drill.exists()
    assert "build 8 landers" in started.stderr
    # The suggested commands work, whether the program is on the PATH or not.
    assert "landerctl stop`" in started.stdout
    second = mission.run("start")
    assert second.returncode == Exit.ALREADY_RUNNING
    assert f"pid {mission.supervisor_pid()}" in second.stderr

    watching = mission.open("watch", "--interval", "0.5")
    mission.saved(1)
    view = mission.view
    assert (view["state"], view["status"]["trainer"]["state"]) == ("running", "RUNNING")
    assert view["status"]["progress"]["stage_name"] == "touchdown"
    assert "of 24,000,000 steps" in mission.done("status").stdout
    check = ["env", "-i", str(SCRIPT), "check", "--home", str(mission.paths.home)]
    judged = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (judged.returncode, judged.stderr) == (0, ""), judged
    assert judged.stdout.startswith("LANDERCTL OK")
    assert "time/fps" in mission.done("metrics").stdout

    stopped = mission.done("stop")
    assert "checkpoint saved" in stopped.stdout
    lines, errors = watching.communicate(timeout=20)
    assert (watching.returncode, errors) == (Exit.OK, "")
    assert "stage 1/5 touchdown  last 100 episodes: success " in lines
    assert "stopped cleanly" in lines.splitlines()[-1]
    assert not lock_is_held(mission.paths)
    mission.trainer_gone()
    assert mission.run("stop").returncode == Exit.NOT_RUNNING
    assert mission.run("check").returncode == 1

    newest = mission.checkpoints[-1]
    assert newest.kind == "stop"
    # It contains every reported rollout.
    assert newest.timesteps == mission.timesteps > 0
    verify(mission.current.checkpoints / newest.id)
    reported = [json.loads(line) for line in mission.done("events", "--json").stdout.splitlines()]
    order = ["daemon.started", "trainer.running", "checkpoint.saved", "daemon.stopped"]
    names = [event["name"] for event in reported]
    assert sorted(order, key=names.index) == order

    again = mission.done("start")
    assert f"from {newest.id}" in again.stderr
    resumed = mission.event("trainer.resumed")
    assert resumed.body == {"checkpoint": newest.id}
    mission.trained_past(newest.timesteps)
    # It resumes where it was: no rollout is repeated, none is missing.
    first, *_, last = flown = mission.flown
    assert flown == list(range(first, last + 1, ROLLOUT_STEPS))
    assert len(mission.events("trainer.resumed")) == 1
    assert not mission.events("daemon.recovered", "trainer.crashed")


def test_a_changed_threshold_applies_at_once(mission: Mission) -> None:
    mission.done("start")
    assert mission.status.alerts == []
    free_gb = shutil.disk_usage(mission.paths.home).free / 1e9
    mission.configure(disk_threshold_gb=free_gb + 1000.0)
    mission.event("alert.firing")
    assert "CRITICAL disk-low" in mission.run("status").stdout
    judged = mission.run("check", "alerts", "disk")
    assert (judged.returncode, "disk-low" in judged.stdout) == (2, True)
    mission.configure()
    mission.event("alert.resolved")
    eventually(lambda: not mission.status.alerts, "no alert is left")
    assert len(mission.events("config.reloaded")) == 2
    assert not mission.events("trainer.crashed", "config.refused")


def test_a_bad_configuration_is_named_in_one_line_and_nothing_starts(mission: Mission) -> None:
    file = mission.paths.home / "config.toml"
    file.write_text("[ppo]\ngamma = 7.5\n", encoding="utf-8")
    refused = mission.run("start")
    assert refused.returncode == Exit.CONFIG
    [line] = refused.stderr.splitlines()
    assert all(part in line for part in (str(file), "ppo.gamma", "7.5", "<= 1.0")), line
    assert not lock_is_held(mission.paths)
    assert not mission.paths.runs.exists()


def test_a_run_completes_is_evaluated_and_the_next_one_is_new(mission: Mission) -> None:
    options = ["--mode", "standard", "--stage", "2", "--timesteps", "2048"]
    mission.done("start", *options)
    completed = mission.event("run.completed")
    assert completed.body["timesteps"] == 2048
    first = mission.current
    eventually(lambda: mission.view["status"]["trainer"]["state"] == "EXITED", "EXITED")
    assert "training completed" in mission.done("status").stdout
    assert mission.done("watch").stdout.count("\n") == 1
    assert lock_is_held(mission.paths)
    assert mission.checkpoints[-1].kind == "final"

    flown = mission.done("evaluate", "--episodes", "8", "--json")
    result = json.loads(flown.stdout)
    assert (result["pilot"], result["stage"]) == (mission.checkpoints[-1].id, 2)
    assert (result["run_id"], result["episodes"]) == (first.id, 8)
    assert 0.0 <= result["success_rate"]["mean"] <= 1.0
    reference = json.loads(
        mission.done("evaluate", "--pilot", "reference", "--episodes", "4", "--json").stdout
    )
    # On the same seeds, in the same stage.
    assert (reference["pilot"], reference["stage"]) == ("reference", 2)
    assert reference["first_seed"] == result["first_seed"]
    assert reference["success_rate"]["mean"] == 1.0
    drawn = mission.done("plot", "--format", "svg")
    assert [Path(line).name for line in drawn.stdout.splitlines()] == [
        "training.svg",
        "touchdown.svg",
        "descent.svg",
    ]
    assert drawn.stderr == ""

    id_ = mission.checkpoints[-1].id
    landing = json.loads(mission.done("fly", "--pilot", id_, "--seed", "3", "--json").stdout)
    assert (landing["pilot"], landing["stage"], landing["seed"]) == (id_, 2, 3)
    assert landing["reward"] == pytest.approx(sum(landing["components"].values()))

    mission.done("stop")
    saved = mission.checkpoints
    served = mission.done("start", "--resume")
    assert f"Run {first.id} is completed: the daemon serves it" in served.stderr
    assert "Serving in the background" in served.stdout
    mission.done("stop")
    assert mission.checkpoints == saved
    again = mission.done("start", "--no-wait", *options)
    assert f"Run {first.id} is completed" in again.stderr
    assert mission.current != first


@pytest.mark.parametrize("vehicle", ["starship-hls", "apollo-lm"])
def test_the_selftest_passes(mission: Mission, vehicle: str) -> None:
    mission.configure(vehicle=vehicle)
    steps = json.loads(mission.done("selftest", "--json").stdout)
    assert [step["name"] for step in steps][-1] == "training"
    assert all(step["ok"] for step in steps)


def test_the_selftest_names_what_cannot_be_flown(mission: Mission) -> None:
    mission.configure(vehicle="eagle")
    ended = mission.run("selftest", "--json")
    assert ended.returncode == Exit.FAILED
    steps = json.loads(ended.stdout)
    assert not any(step["ok"] for step in steps)
    assert steps[0]["text"].startswith("fleet.vehicle = 'eagle': expected one of")
    assert "Traceback" not in ended.stderr
    (mission.paths.home / "config.toml").write_text("[fleet]\nvehicle = 3\n")
    ended = mission.run("selftest")
    assert (ended.returncode, ended.stdout) == (Exit.FAILED, "")
    assert ended.stderr.endswith("config.toml: line 2: fleet.vehicle = 3: expected str, got int\n")
