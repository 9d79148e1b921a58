"""`landerctl status` for people and for scripts."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.base.paths import StatePaths
from daemon.processes.lease import Lease
from daemon.rollback.journal import Step, write_journal
from daemon.store.records import (
    ChecklistStatus,
    GpuStatus,
    JudgedLines,
    ServerStatus,
    TrackingStatus,
)
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.fast_path.status_report import tracking_text
from tests.daemon.rollback.test_rules import journal
from tests.landerctl.operator_side import (
    fill_store,
    landerctl,
    lock_held,
    make_checkpoint,
    make_run,
)
from tests.status_samples import resources, startup, trainer_status


def rows(output: str) -> dict[str, str]:
    return {line[:12].strip(): line[12:] for line in output.splitlines()}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "http://h:5000, 1,000 samples sent"),
        ({"behind": 40, "since_s": 90.0}, "http://h:5000, 1,000 samples sent, 40 to go"),
        (
            {"behind": 40, "lost": 2, "since_s": 40.0, "problem": "no route"},
            "http://h:5000, 1,000 samples sent, 2 lost, behind by 40, 1 min; fails: no route",
        ),
        (
            {"problem": "mlflow is not installed", "given_up": True},
            "http://h:5000, 1,000 samples sent, behind by 0; given up: mlflow is not installed",
        ),
    ],
)
def test_how_far_the_tracking_is(changes: dict[str, Any], expected: str) -> None:
    status = TrackingStatus(server="http://h:5000", experiment="x", sent=1000, **changes)
    assert tracking_text(status, 100.0) == expected


def test_never_started(tmp_path: Path) -> None:
    ended = landerctl(tmp_path / "none", "status")
    assert ended.returncode == Exit.UNKNOWN
    assert "never started here; `landerctl start`" in ended.stdout
    assert not (tmp_path / "none").exists()


def test_starting(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    fill_store(tmp_path, run.id)
    now_s = time.time()
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.put_trainer(
            trainer_status(now_s, run.id, state="STARTING", since_s=now_s - 40.0, startup=startup())
        )
    with lock_held(tmp_path):
        shown = rows(landerctl(tmp_path, "status").stdout)
        as_json = json.loads(landerctl(tmp_path, "status", "--json").stdout)
    assert shown["trainer"].startswith(
        "STARTING, compile the flight code: 63 of 153 functions, about 47 s left; "
        "ready in about 56 s, for 4"
    )
    reported = as_json["status"]["trainer"]["startup"]
    assert (reported["done"], reported["total"]) == (63, 153)
    assert reported["current"]["name"] == "compiling"


def test_running(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    newest = make_checkpoint(run, 600_000, age_s=180)
    taken = "127.0.0.1:9477: Address already in use"
    servers = {
        "tensorboard": ServerStatus("http://127.0.0.1:6006", None),
        "prometheus": ServerStatus(None, taken),
    }
    fill_store(tmp_path, run.id, servers=servers)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "status")
    assert ended.returncode == Exit.OK, ended
    shown = rows(ended.stdout)
    assert shown["daemon"] == "running for 2 h 00 min, pid 4242"
    assert shown["trainer"].startswith("RUNNING, collecting, heartbeat ")
    assert shown["stage"] == (
        '2 of 5 "approach", success 43% of the last 100 episodes (gate 50%), '
        "12,345 episodes in the stage"
    )
    assert shown["reward"] == "mean 512 of the last 100 episodes (gate 600)"
    assert shown["progress"] == "13,200,000 of 60,000,000 steps (22%), at most 42 min left"
    assert shown["speed"] == "18,200 steps/s, within the expected 5,000 to 60,000"
    assert shown["memory"] == "41% used, trainer 612 MB, supervisor 48.0 MB"
    assert shown["disk"] == "120 GB free (60%)"
    assert shown["alerts"] == "none"
    assert shown["checkpoint"] == f"{newest.id}, 3 min ago"
    assert shown["tensorboard"] == "http://127.0.0.1:6006"
    assert shown["prometheus"] == f"not served: {taken}"


def test_gpus_are_listed_if_present(tmp_path: Path) -> None:
    fill_store(tmp_path)
    gpus = [GpuStatus(57.0, 3.2e9, 24e9, 61.0), GpuStatus(None, None, None, None)]
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.put_resources(resources(time.time(), gpus=gpus[:1]))
    with lock_held(tmp_path):
        one = rows(landerctl(tmp_path, "status").stdout)
        with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
            writer.put_resources(resources(time.time(), gpus=gpus))
        two = rows(landerctl(tmp_path, "status").stdout)
    assert one["gpu"] == "57% busy, 3.2 GB of 24.0 GB used, 61 °C"
    assert (two["gpu 0"], two["gpu 1"]) == (one["gpu"], "no data")


def test_the_memory_of_a_container_is_that_of_its_limit(tmp_path: Path) -> None:
    fill_store(tmp_path)
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.put_resources(resources(time.time(), memory_limit_bytes=4_000_000_000))
    with lock_held(tmp_path):
        shown = rows(landerctl(tmp_path, "status").stdout)
        checked = landerctl(tmp_path, "check", "memory").stdout
    assert shown["memory"].startswith("41% used of 4.0 GB (container limit), trainer ")
    assert "memory: 41% used of 4.0 GB (container limit) | " in checked


def test_json_contains_the_store_s_status(tmp_path: Path) -> None:
    fill_store(tmp_path)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "status", "--json")
    view = json.loads(ended.stdout)
    assert view["state"] == "running"
    assert view["exit_code"] == ended.returncode == Exit.OK
    assert view["status"]["progress"]["success_rate"] == 0.43
    assert view["checkpoint"] is None
    assert 1.0 < view["heartbeat_age_s"] < 60.0


def test_died(tmp_path: Path) -> None:
    url = "http://127.0.0.1:6006"
    fill_store(tmp_path, tensorboard_url=url, servers={"tensorboard": ServerStatus(url, None)})
    ended = landerctl(tmp_path, "status")
    # Its servers have ended with it.
    assert url not in ended.stdout + landerctl(tmp_path, "status", "--json").stdout
    assert ended.returncode == Exit.FAILED
    assert "died unexpectedly (killed or crashed; was pid 4242" in ended.stdout
    assert "with `landerctl start`" in ended.stdout
    # Old values show their age; values that only apply to a running daemon are hidden.
    assert "ago)" in rows(ended.stdout)["stage"]
    assert "speed" not in rows(ended.stdout)


def test_died_while_its_trainer_still_saves(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    fill_store(tmp_path, run.id)
    lease = Lease.take(run.lease)
    try:
        ended = landerctl(tmp_path, "status")
    finally:
        lease.close()
    assert ended.returncode == Exit.FAILED
    assert "saves a checkpoint, then exits" in rows(ended.stdout)["trainer"]
    assert rows(landerctl(tmp_path, "status").stdout)["trainer"] == "has exited too (was RUNNING)"


def test_stopped(tmp_path: Path) -> None:
    fill_store(tmp_path, stopped_s=time.time() - 60, stop_reason="landerctl stop")
    ended = landerctl(tmp_path, "status")
    assert ended.returncode == Exit.NOT_RUNNING
    assert "stopped cleanly 1 min ago (landerctl stop)" in ended.stdout


def test_a_damaged_store(tmp_path: Path) -> None:
    store = StatePaths(tmp_path).store
    store.write_bytes(b"no database " * 500)
    ended = landerctl(tmp_path, "status")
    assert ended.returncode == Exit.UNKNOWN
    assert str(store) in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_options_before_and_after_the_verb(tmp_path: Path) -> None:
    fill_store(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    for arguments in (["--home", str(tmp_path), "status"], ["status", f"--home={tmp_path}"]):
        assert landerctl(elsewhere, *arguments).returncode == Exit.FAILED
    assert landerctl(elsewhere, "status").returncode == Exit.UNKNOWN


@pytest.mark.parametrize("state", ["EXITED", "FATAL", "BACKOFF", "STARTING"])
def test_no_speed_and_no_forecast_without_training(tmp_path: Path, state: str) -> None:
    fill_store(tmp_path)
    writer = StoreWriter.open(StatePaths(tmp_path).store)
    writer.put_trainer(trainer_status(time.time(), state=state))
    writer.close()
    with lock_held(tmp_path):
        reported = landerctl(tmp_path, "status").stdout
    assert "not training" in reported
    assert "steps/s" not in reported
    assert "at most" not in reported


def test_a_rollback_that_is_watched(tmp_path: Path) -> None:
    fill_store(tmp_path)
    path, run = StatePaths(tmp_path).rollback, make_run(tmp_path)

    def record(step: Step, running_s: float, **changes: object) -> None:
        known = journal(run_id=run.id, step=step, running_s=running_s, **changes)
        write_journal(path, known)

    record("running", time.time() - 300.0, live=make_checkpoint(run, 50_000))
    reported = landerctl(tmp_path, "status").stdout
    assert "rollback    to 000001-1000-interval 5 min ago, watched" in reported
    assert "evaluation is running; undo it with `landerctl rollback --undo`" in reported
    record("running", time.time(), success_rate=0.9)
    reported = landerctl(tmp_path, "status").stdout
    assert "landed 90%" in reported and "undo" not in reported
    record("over", time.time(), success_rate=0.9)
    assert "rollback" not in landerctl(tmp_path, "status").stdout
    record("running", time.time())
    make_run(tmp_path)  # as `start --fresh`
    assert "rollback" not in landerctl(tmp_path, "status").stdout


@pytest.mark.parametrize(
    ("changes", "age_s", "shown"),
    [
        ({}, 60.0, "171 of 178 hold, 3 fail, 1 stale, burn-in 31 h of 72 h"),
        ({"burn_in_h": None}, 60.0, "171 of 178 hold, 3 fail, 1 stale"),
        ({"burn_in_h": None}, 7205.0, "171 of 178 hold, 3 fail, 1 stale (2 h 00 min ago)"),
        ({"problem": "record 12 was edited"}, 60.0, "evidence refused: record 12 was edited"),
    ],
)
def test_the_checklist_as_the_daemon_judged_it(
    tmp_path: Path, changes: dict[str, Any], age_s: float, shown: str
) -> None:
    run = make_run(tmp_path)
    fill_store(tmp_path, run.id)
    settings = {"holds": 171, "fails": 3, "open": 3, "stale": 1, "not_applicable": 0}
    hours = {"burn_in_h": 31.0, "burn_in_needed_h": 72.0}
    judged = ChecklistStatus(time_s=time.time() - age_s, **{**settings, **hours, **changes})
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.put_checklist(judged, JudgedLines("", {}))
    assert rows(landerctl(tmp_path, "status").stdout)["checklist"] == shown
    as_json = json.loads(landerctl(tmp_path, "status", "--json").stdout)
    assert as_json["status"]["checklist"]["holds"] == 171
