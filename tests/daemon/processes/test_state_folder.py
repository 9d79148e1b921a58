"""Which state folders are accepted or refused, and the messages."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from daemon.base.identity import lock_is_held, read_identity
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, Sources, load_config
from daemon.processes.ping import ping
from daemon.processes.state_folder import ClaimError, check_home, claim
from daemon.protocol.control import Done, PingRequest
from daemon.runs.creation import create_run
from daemon.supervisor.lifecycle.launch import LaunchError, launch
from landerctl.operations.daemon_client import DaemonUnreachableError, request
from tests.daemon.harness import Home
from tests.planted import TARGETS, plant


def test_a_new_folder_is_made_private(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path / "deep" / "home")
    lock = claim(paths, started_s=5.0)
    assert paths.home.stat().st_mode & 0o777 == 0o700
    assert paths.runs.stat().st_mode & 0o777 == 0o700
    assert lock_is_held(paths)
    identity = read_identity(paths)
    assert identity is not None
    assert (identity.pid, identity.started_s) == (os.getpid(), 5.0)
    lock.release()
    assert not lock_is_held(paths)


def test_a_second_claim_is_refused(paths: StatePaths) -> None:
    lock = claim(paths, started_s=5.0)
    with pytest.raises(ClaimError, match="already runs") as error:
        claim(paths, started_s=6.0)
    assert error.value.already_running
    assert str(os.getpid()) in str(error.value)
    lock.release()


def test_leftovers_of_a_dead_daemon_do_not_block_a_claim(paths: StatePaths) -> None:
    claim(paths, started_s=5.0).release()
    paths.socket.touch()
    paths.identity.write_text('{"pid": 1, "started_s": 1.0, "boot_id": "x"}')
    claim(paths, started_s=6.0).release()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    mode = tmp_path.stat().st_mode
    with pytest.raises(ClaimError, match="is not a landerctl state folder") as error:
        check_home(StatePaths(tmp_path))
    assert not error.value.already_running
    assert tmp_path.stat().st_mode == mode
    assert os.listdir(tmp_path) == ["thesis.tex"]  # noqa: PTH208


def test_a_folder_with_another_program_s_runs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs" / "exp1").mkdir(parents=True)
    (tmp_path / "config.toml").write_text("")
    with pytest.raises(ClaimError, match="is not a landerctl state folder"):
        check_home(StatePaths(tmp_path))


def test_a_folder_with_only_a_configuration_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    check_home(StatePaths(tmp_path))


def test_a_folder_with_evidence_from_before_the_first_start_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("")
    (tmp_path / "drills").mkdir()
    check_home(StatePaths(tmp_path))


def test_parallel_first_starts_accept_what_the_others_create(tmp_path: Path) -> None:
    config = load_config(None).config

    def start(paths: StatePaths) -> None:
        check_home(paths)
        create_run(paths, config)

    with ThreadPoolExecutor(20) as starts:
        for number in range(20):
            paths = StatePaths(tmp_path / f"home-{number}")
            for started in [starts.submit(start, paths) for _ in range(20)]:
                started.result()
            assert len(list(paths.runs.iterdir())) == 20


def test_a_folder_with_a_configuration_and_the_files_it_names_is_accepted(tmp_path: Path) -> None:
    plant(tmp_path, TARGETS)
    (tmp_path / "secrets").mkdir()
    with (tmp_path / "config.toml").open("a") as config:
        config.write('[[notify.targets]]\nname = "desk"\nurl_file = "secrets/desk"\n')
    check_home(StatePaths(tmp_path))


def test_a_file_that_the_configuration_does_not_name_is_refused_by_name(tmp_path: Path) -> None:
    plant(tmp_path, TARGETS)
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ClaimError, match=r"contains other files \('thesis.tex'\)"):
        check_home(StatePaths(tmp_path))


def test_a_broken_configuration_with_other_files_is_the_fault(tmp_path: Path) -> None:
    plant(tmp_path, TARGETS + "[")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        check_home(StatePaths(tmp_path))


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ClaimError, match="not a folder"):
        check_home(StatePaths(tmp_path / "home"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(ClaimError, match="belongs to user id 65534"):
        check_home(StatePaths(tmp_path))


@pytest.mark.parametrize("name", ["backups", "runs"])
@pytest.mark.parametrize("linked", [True, False])
def test_a_new_folder_with_a_place_for_backups_is_accepted(
    tmp_path: Path, name: str, linked: bool
) -> None:
    disk, home = tmp_path / "disk", tmp_path / "home"
    (disk / "lost+found").mkdir(parents=True)
    home.mkdir()
    if linked:
        (home / name).symlink_to(disk)
    else:
        disk.rename(home / name)
    (home / "lost+found").mkdir()
    check_home(StatePaths(home))


def test_backups_that_link_to_nothing_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "backups").symlink_to(tmp_path / "unmounted")
    with pytest.raises(ClaimError, match=r"backups: links to no folder; create that"):
        check_home(StatePaths(tmp_path))
    assert not (tmp_path / "daemon.lock").exists()


def test_a_daemon_answers_in_a_folder_with_a_path_longer_than_a_socket_s(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120) / ("y" * 120)
    with closing(Home(deep)) as home:
        home.started()
        assert ping(home.paths).answered
        *_, answer = request(home.paths, PingRequest())
        assert isinstance(answer, Done)


def test_without_a_daemon_a_long_path_is_no_other_error(tmp_path: Path) -> None:
    with pytest.raises(DaemonUnreachableError, match="no daemon is running") as error:
        list(request(StatePaths(tmp_path / ("x" * 120)), PingRequest()))
    assert not error.value.running


def test_launch_errors_give_the_reason(home: Home, tmp_path: Path) -> None:
    with pytest.raises(
        LaunchError, match=r"config\.json: cannot be read: No such file.*--fresh"
    ) as error:
        launch(home.paths, Sources(), "20000101-000000-none")
    assert not error.value.already_running
    home.config.write_text("[run]\nmode = 'race'\n")
    with pytest.raises(LaunchError, match=r"run\.mode = 'race'"):
        launch(home.paths, Sources((str(home.config),)), home.run.id)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("")
    with pytest.raises(LaunchError, match="is not a landerctl state folder"):
        launch(StatePaths(other), Sources(), "any")
    assert os.listdir(other) == ["thesis.tex"]  # noqa: PTH208


def test_launch_with_a_supervisor_that_sends_invalid_text(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "supervisor"
    program.write_bytes(
        b"#!/bin/sh\n"
        b"for descriptor; do :; done\n"
        b"""printf '{"error": "\\377"}\\n' > /proc/self/fd/$descriptor\n"""
    )
    program.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(program))
    with pytest.raises(LaunchError, match=r"exited during its start; see .*supervisor\.log"):
        launch(home.paths, Sources((str(home.config),)), home.run.id)


@pytest.mark.parametrize("begin", ["exec sleep 1000", "sleep 1000 & echo $! > {pid}"])
def test_launch_does_not_wait_for_ever(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    program, pid = tmp_path / "supervisor", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\n{begin.format(pid=pid)}\n")
    program.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(program))
    monkeypatch.setattr("daemon.supervisor.lifecycle.launch.READY_TIMEOUT_S", 0.5)
    with pytest.raises(LaunchError, match=r"not ready after .* disk hanging"):
        launch(home.paths, Sources((str(home.config),)), home.run.id)
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGKILL)


def test_launch_while_a_daemon_runs(home: Home) -> None:
    home.started()
    with pytest.raises(LaunchError) as error:
        launch(home.paths, Sources((str(home.config),)), home.run.id)
    assert error.value.already_running
