"""`landerctl tensorboard`: the daemon's address, or a real server until Ctrl-C."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from daemon.store.records import ServerStatus
from daemon.supervisor.sidecars.ports import port_problem
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import (
    SCRIPT,
    environment,
    fill_store,
    landerctl,
    lock_held,
    make_run,
)
from tests.waiting import eventually

URL = "http://127.0.0.1:6006/"
SERVERS = {"tensorboard": ServerStatus(URL, None)}


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_daemon_s_address_is_printed(tmp_path: Path) -> None:
    fill_store(tmp_path, make_run(tmp_path).id, servers=SERVERS)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "tensorboard")
        opened = landerctl(tmp_path, "tensorboard", "--open", BROWSER="false")
    assert (ended.returncode, ended.stdout, ended.stderr) == (Exit.OK, f"{URL}\n", "")
    assert (opened.returncode, opened.stdout) == (Exit.OK, f"{URL}\n")
    assert "no browser could be opened" in opened.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_one_it_serves_the_run_until_it_is_ended(
    tmp_path: Path, number: signal.Signals
) -> None:
    run = make_run(tmp_path)
    # The recorded address of a dead daemon is not valid any more.
    fill_store(tmp_path, run.id, servers=SERVERS)
    port = free_port()
    (tmp_path / "config.toml").write_text(f"[tensorboard]\nport = {port}\n")
    serving = subprocess.Popen(
        [str(SCRIPT), "tensorboard"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        url = serving.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port}/"
        assert serving.stdout.readline() == f"It shows {run.id} until Ctrl-C.\n"
        with urlopen(f"{url}data/logdir", timeout=20) as answer:
            assert str(run.tensorboard) in answer.read().decode()
        taken = landerctl(tmp_path, "tensorboard", "--run", run.id)
    finally:
        serving.send_signal(number)
        output, errors = serving.communicate(timeout=20)
    assert taken.returncode == Exit.FAILED
    assert re.fullmatch(
        rf"landerctl: 127.0.0.1:{port}: Address already in use \(process \d+, .+\); "
        "`--port 0` takes any free one\n",
        taken.stderr,
    )
    assert (serving.returncode, output, errors) == (Exit.INTERRUPTED, "", "")
    with pytest.raises(URLError):
        urlopen(url, timeout=5)


def test_the_server_ends_with_a_killed_command(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    arguments = ["tensorboard", "--run", run.id, "--port", "0"]  # any free one
    with subprocess.Popen(
        [str(SCRIPT), *arguments], env=environment(tmp_path), stdout=subprocess.PIPE
    ) as serving:
        assert serving.stdout is not None
        port = urlsplit(serving.stdout.readline().decode().strip()).port
        assert port
        assert port_problem(port) is not None
        serving.kill()
    eventually(lambda: port_problem(port) is None, "its port is free")


def test_a_failed_server_is_reported_with_its_log(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    port = str(free_port())
    # Python takes this for TensorBoard's package.
    broken = tmp_path / "broken" / "tensorboard"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemExit(7)\n")
    ended = landerctl(tmp_path, "tensorboard", "--port", port, PYTHONPATH=str(broken.parent))
    assert ended.returncode == Exit.FAILED
    assert ended.stderr == (
        f"landerctl: TensorBoard ended with exit code 7; see {run.tensorboard_log}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no run to show"),
        (["--run", "no-such"], "--run no-such: no such run in "),
    ],
)
def test_no_run(tmp_path: Path, arguments: list[str], words: str) -> None:
    ended = landerctl(tmp_path, "tensorboard", *arguments)
    assert ended.returncode == Exit.NOT_FOUND
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
