"""The TensorBoard server that a real supervisor keeps up: it ends with it, whatever ends that."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from daemon.base.identity import flock_is_held
from daemon.config import load_config
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.store.async_recorder import Recorder
from daemon.store.reader import StoreReader
from daemon.store.records import ServerStatus
from daemon.store.writer import StoreWriter
from daemon.supervisor.sidecars.ports import HOST, port_problem, ports_from
from daemon.supervisor.sidecars.server_record import ServerRecord
from daemon.supervisor.sidecars.tensorboard import SupervisedTensorBoard
from landerctl.exitcodes import Exit
from tests.daemon.harness import Home, config_text
from tests.landerctl.operator_side import landerctl
from tests.waiting import eventually


def metric(home: Home, name: str) -> float | None:
    with StoreReader.open(home.paths.store) as reader:
        newest = reader.newest(name)
    return newest.value if newest else None


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


def taken(port: int) -> socket.socket | None:
    """A server of another program on this port; None if it is not free."""
    try:
        return socket.create_server((HOST, port))
    except OSError:
        return None


@pytest.fixture
def port() -> int:
    with socket.create_server((HOST, 0)) as server:
        number: int = server.getsockname()[1]
    return number


TABLE = "[tensorboard]\nenabled = true\nport = {port}\nspare_ports = {spare}\n"


def serve(
    home: Home,
    port: int,
    *,
    prometheus: int | None = None,
    spare: int = 0,
    backoff_s: float = 0.05,
) -> None:
    tables = TABLE.format(port=port, spare=spare)
    if prometheus is not None:
        tables += f"[prometheus]\nenabled = true\nport = {prometheus}\n"
    home.config.write_text(config_text(backoff_initial_s=backoff_s, tensorboard="") + tables)


def server(home: Home, name: str) -> ServerStatus:
    daemon = home.status().daemon
    assert daemon is not None
    return daemon.servers[name]


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


def test_ports_that_are_taken_are_reported_once_and_tried_again(home: Home, port: int) -> None:
    """As those of another state folder's servers: their address is not given as this one's."""
    with socket.create_server((HOST, port)), socket.create_server((HOST, 0)) as other:
        exporter_port = other.getsockname()[1]
        serve(home, port, prometheus=exporter_port)
        daemon = home.started()
        for name, taken in (("tensorboard", port), ("prometheus", exporter_port)):
            text = home.event(f"{name}.port_taken").text
            assert f"{HOST}:{taken}: Address already in use (process {os.getpid()}, " in text
            assert f"{name}.port" in text
        eventually(lambda: server(home, "tensorboard").problem, "it is recorded")
        assert server(home, "tensorboard").url is None
        home_status = home.status().daemon
        assert home_status is not None
        assert home_status.tensorboard_url is None
        asked = landerctl(home.paths.home, "tensorboard")
        shown = landerctl(home.paths.home, "status").stdout
        eventually(lambda: metric(home, "servers/failing") == 2.0, "an alert can be raised")
    assert (asked.returncode, asked.stdout) == (Exit.FAILED, "")
    assert asked.stderr.startswith("landerctl: the daemon's TensorBoard is not served: ")
    assert asked.stderr.count("\n") == 1
    assert shown.count(" not served: ") == 2
    assert "http://" not in shown
    for name, its_port in (("tensorboard", port), ("prometheus", exporter_port)):
        assert f"http://{HOST}:{its_port}/" in home.event(f"{name}.recovered").text
        assert len(home.events(f"{name}.port_taken")) == 1
    eventually(lambda: metric(home, "servers/failing") == 0.0, "the alert ends")
    assert landerctl(home.paths.home, "tensorboard").stdout == f"http://{HOST}:{port}/\n"
    home.stop(daemon)
    assert server(home, "tensorboard") == server(home, "prometheus") == ServerStatus(None, None)


def test_a_taken_port_of_another_home_is_no_failure(home: Home, port: int) -> None:
    """It serves at the next free one, which the status shows."""
    with socket.create_server((HOST, port)):
        serve(home, port, spare=10)
        daemon = home.started()
        url = eventually(lambda: server(home, "tensorboard").url, "it serves")
        assert url.removeprefix(f"http://{HOST}:").strip("/") in map(
            str, range(port + 1, port + 11)
        )
        home.stop(daemon)
    assert home.events("tensorboard.port_taken") == []


def test_which_ports_are_tried() -> None:
    assert list(ports_from(6006, 2)) == [6006, 6007, 6008]
    assert list(ports_from(65_535, 10)) == [65_535]
    assert list(ports_from(0, 10)) == [0]


def test_a_port_that_is_taken_when_the_server_dies(home: Home, port: int) -> None:
    """The exporter has port 0: any free one, which is recorded."""
    serve(home, port, prometheus=0, backoff_s=2.0)
    daemon = home.started()
    eventually(lambda: server(home, "tensorboard").url, "it serves")
    metrics = eventually(lambda: server(home, "prometheus").url, "it serves")
    with urlopen(metrics, timeout=20) as answer:
        assert b"landerctl_" in answer.read()
    first = holder(home.paths.tensorboard_lease)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with eventually(lambda: taken(port), "its port is free, and taken by another"):
        assert "killed by SIGKILL" in home.event("tensorboard.failed").text
        home.event("tensorboard.port_taken")
        eventually(lambda: "in use" in str(server(home, "tensorboard").problem), "it is recorded")
        assert server(home, "tensorboard").url is None
    home.event("tensorboard.recovered")
    eventually(lambda: server(home, "tensorboard").url, "it serves again")
    home.stop(daemon)


def test_it_is_restarted_and_killed_at_the_end(tmp_path: Path, port: int) -> None:
    lease, log = tmp_path / "tensorboard.lock", tmp_path / "tensorboard.log"
    settings = load_config(None, {"supervision": {"backoff_initial_s": 0.01}}).config.supervision
    command = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
    events: list[str] = []

    async def up(times: int) -> int:
        while not log.exists() or log.read_text().count("up") < times:
            await asyncio.sleep(0.01)
        pid = holder(lease)
        assert pid is not None
        return pid

    async def scenario() -> None:
        recorder = Recorder(
            StoreWriter.open(tmp_path / "store.db"),
            "run",
            lambda: 0.0,
            lambda name, _: events.append(name),
        )
        record = ServerRecord("tensorboard", recorder, lambda *_: None)
        server = SupervisedTensorBoard(
            lambda *_: command, [port], lease, log, settings=settings, record=record
        )
        server.start()
        async with asyncio.timeout(20):
            first = await up(1)
            os.kill(first, signal.SIGKILL)
            second = await up(2)
            assert second != first
            await server.stop()
            await recorder.close()
        assert events == ["tensorboard.failed"]
        assert not flock_is_held(lease)

    asyncio.run(scenario())
