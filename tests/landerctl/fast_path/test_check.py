"""`landerctl check` in cron, in pipes, with a time-out, and misused: never a wrong verdict."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from tests.landerctl.operator_side import (
    SCRIPT,
    environment,
    fill_store,
    landerctl,
    lock_held,
    make_checkpoint,
    make_run,
)

OK, WARNING, CRITICAL, UNKNOWN = range(4)


def one_line(output: str) -> str:
    [line] = output.splitlines()
    return line


def test_healthy_evidence_is_ok(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    make_checkpoint(run, 600_000)
    fill_store(tmp_path, run.id)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "check", "daemon", "heartbeat", "throughput", "checkpoint")
        quiet = landerctl(tmp_path, "check", "daemon", "--quiet")
    assert ended.returncode == OK, ended
    assert one_line(ended.stdout).startswith("LANDERCTL OK - OK: daemon, heartbeat")
    assert "'steps_per_s'=18200;5000:60000;;0" in ended.stdout
    assert (quiet.returncode, quiet.stdout) == (OK, "")


def test_a_dead_daemon_is_critical(tmp_path: Path) -> None:
    fill_store(tmp_path)
    ended = landerctl(tmp_path, "check", "--quiet")
    assert ended.returncode == CRITICAL
    assert one_line(ended.stdout).startswith("LANDERCTL CRITICAL - daemon: died unexpectedly")


def test_a_stopped_daemon_is_a_warning(tmp_path: Path) -> None:
    fill_store(tmp_path, stopped_s=time.time(), stop_reason="landerctl stop")
    assert landerctl(tmp_path, "check", "daemon").returncode == WARNING


def test_json(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "check", "--json")
    report = json.loads(ended.stdout)
    assert report["exit_code"] == ended.returncode == UNKNOWN
    assert {verdict["check"] for verdict in report["verdicts"]} >= {"daemon", "disk", "store"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["--timeout"],
        ["--timeout", "soon"],
        ["--timeout", "0"],
        ["no-such-check"],
        ["--json=yes"],
        ["--config", "/no/such/file.toml"],
    ],
)
def test_mistakes_are_unknown(tmp_path: Path, arguments: list[str]) -> None:
    ended = landerctl(tmp_path, "check", *arguments)
    assert ended.returncode == UNKNOWN
    assert one_line(ended.stdout).startswith("LANDERCTL UNKNOWN - ")
    assert "Traceback" not in ended.stderr


def test_mistakes_before_the_verb_are_unknown(tmp_path: Path) -> None:
    assert landerctl(tmp_path, "--no-such-option", "check").returncode == UNKNOWN


def test_a_damaged_store(tmp_path: Path) -> None:
    StatePaths(tmp_path).store.write_bytes(b"no database " * 500)
    ended = landerctl(tmp_path, "check")
    assert ended.returncode == CRITICAL
    assert "store: " in one_line(ended.stdout)


def test_an_invalid_configuration_is_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    fault = tmp_path / "config.toml"
    fault.write_text("[supervision]\nheartbeat_timeout_s = 'long'\n")
    fill_store(tmp_path, run.id, config_path=str(fault))
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "check", "heartbeat")
        assert ended.returncode == OK, "the run's frozen copy still has the time-out"
        run.config.unlink()
        ended = landerctl(tmp_path, "check", "heartbeat")
    assert ended.returncode == UNKNOWN
    assert "heartbeat_timeout_s" in ended.stdout


def test_a_hanging_file_system_is_unknown_in_time(tmp_path: Path) -> None:
    # Opening a pipe for reading blocks inside the kernel, as a dead network share does.
    os.mkfifo(StatePaths(tmp_path).store)
    began_s = time.monotonic()
    ended = landerctl(tmp_path, "check", "--timeout", "0.5")
    assert time.monotonic() - began_s < 10.0
    assert ended.returncode == UNKNOWN
    assert "no answer within 0.5 s" in one_line(ended.stdout)


def test_an_empty_environment_as_under_cron(tmp_path: Path) -> None:
    fill_store(tmp_path)
    ended = subprocess.run(
        ["env", "-i", str(SCRIPT), "check", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == CRITICAL
    assert ended.stderr == ""
    without_home = subprocess.run(
        ["env", "-i", str(SCRIPT), "check"], capture_output=True, text=True, check=False
    )
    assert without_home.returncode in range(4)
    assert without_home.stdout.startswith("LANDERCTL ")
    assert without_home.stderr == ""


@pytest.mark.parametrize("verb", ["check --no-such-option", "check"])
def test_a_closed_pipe(tmp_path: Path, verb: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [str(SCRIPT), *verb.split()],
        env=environment(tmp_path),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert ended.returncode == UNKNOWN
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_closed_standard_streams(tmp_path: Path) -> None:
    fill_store(tmp_path)
    before = StatePaths(tmp_path).store.read_bytes()
    ended = subprocess.run(
        ["sh", "-c", f"{SCRIPT} check <&- >&- 2>&-"], env=environment(tmp_path), check=False
    )
    assert ended.returncode == UNKNOWN
    assert StatePaths(tmp_path).store.read_bytes() == before


def test_an_unknown_result_is_json_too(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "check", "no-such-check", "--json")
    assert ended.returncode == UNKNOWN
    report = json.loads(ended.stdout)
    assert (report["level"], report["exit_code"]) == ("UNKNOWN", UNKNOWN)
    assert "no check 'no-such-check'" in report["text"]


def test_an_unexpected_fault_is_unknown_and_logged(tmp_path: Path) -> None:
    # A fault in the program, injected from outside.
    fault = "import sys; sys.argv = ['landerctl', 'check', '--home', sys.argv[1]]\n"
    fault += "import checks.sources.states\n"
    fault += "checks.sources.states.list_checkpoints = None\n"
    fault += "from landerctl.__main__ import main; sys.exit(main())\n"
    run = make_run(tmp_path)
    fill_store(tmp_path, run.id)
    python = SCRIPT.with_name("python")
    ended = subprocess.run(
        [str(python), "-c", fault, str(tmp_path)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == UNKNOWN
    assert one_line(ended.stdout).startswith("LANDERCTL UNKNOWN - internal error")
    log = StatePaths(tmp_path).operator_log
    assert str(log) in one_line(ended.stderr)
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_every_documented_threshold_comes_from_the_configuration(tmp_path: Path) -> None:
    stricter = tmp_path / "stricter.toml"
    total_gb = load_config(None).config.alerts[0].threshold
    stricter.write_text(
        '[[alerts]]\nname = "disk-low"\nmetric = "disk/free_gb"\ncomparison = "below"\n'
        f'threshold = {total_gb * 1e9}\nfor_s = 0.0\nseverity = "warning"\nsummary = "full"\n'
    )
    ended = landerctl(tmp_path, "check", "disk", "--config", str(stricter))
    assert ended.returncode == WARNING
    assert "alert disk-low" in ended.stdout
