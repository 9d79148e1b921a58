"""The TensorBoard server that a real supervisor keeps up: it ends with it, whatever ends that."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from daemon.base.identity import flock_is_held
from daemon.config import load_config
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.supervisor.sidecars.tensorboard import HOST, SupervisedTensorBoard, port_problem
from tests.daemon.harness import Home, config_text
from tests.waiting import eventually


def holder(path: Path) -> int | None:
    try:
        Lease.take(path).close()
    except LeaseHeldError as held:
        return held.pid
    return None


def answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def port() -> int:
    with socket.create_server((HOST, 0)) as server:
        number: int = server.getsockname()[1]
    return number


def serve(home: Home, port: int) -> None:
    table = f"[tensorboard]\nenabled = true\nport = {port}\n"
    home.config.write_text(config_text() + table)


@pytest.mark.parametrize("known", [True, False])
def test_it_ends_with_a_killed_supervisor_and_the_next_one_serves(
    home: Home, port: int, known: bool
) -> None:
    """Not `known`: killed before the lease said which process holds it."""
    serve(home, port)
    daemon = home.started()
    lease = home.paths.tensorboard_lease
    eventually(lambda: answers(port), "it serves")
    if not known:
        lease.write_bytes(b"")
    daemon.kill()
    daemon.wait()
    eventually(lambda: not flock_is_held(lease), "it ends without another supervisor")
    eventually(lambda: port_problem(port) is None, "its port is free")
    daemon = home.started()
    eventually(lambda: answers(port), "the next one serves")
    home.stop(daemon)
    assert not flock_is_held(lease)


def test_a_port_that_is_taken_is_logged_and_tried_again(home: Home, port: int) -> None:
    serve(home, port)
    log = home.paths.home / "supervisor.log"
    with socket.create_server((HOST, port)):
        home.started()
        eventually(lambda: "TensorBoard cannot listen on" in log.read_text(), "it is logged")
    [line, *_] = [line for line in log.read_text().splitlines() if "cannot listen" in line]
    assert "WARNING" in line
    assert f"{HOST}:{port}: Address already in use" in line
    assert "tensorboard.port" in line
    eventually(lambda: answers(port), "it serves once the port is free")


def test_it_is_restarted_and_killed_at_the_end(tmp_path: Path, port: int) -> None:
    lease, log = tmp_path / "tensorboard.lock", tmp_path / "tensorboard.log"
    settings = load_config(None, {"supervision": {"backoff_initial_s": 0.01}}).config.supervision
    command = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]

    async def up(times: int) -> int:
        while not log.exists() or log.read_text().count("up") < times:
            await asyncio.sleep(0.01)
        pid = holder(lease)
        assert pid is not None
        return pid

    async def scenario() -> None:
        server = SupervisedTensorBoard(command, port, lease, log, settings)
        server.start()
        async with asyncio.timeout(20):
            first = await up(1)
            os.kill(first, signal.SIGKILL)
            second = await up(2)
            assert second != first
            await server.stop()
        assert not flock_is_held(lease)

    asyncio.run(scenario())
