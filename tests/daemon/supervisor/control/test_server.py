"""The control socket with malicious and slow clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from daemon.protocol.control import (
    MAX_REQUEST_BYTES,
    Answer,
    BackupRequest,
    Done,
    Note,
    PingRequest,
    Refused,
    Request,
    answer_decoder,
)
from daemon.supervisor.control.server import ControlServer, Report

Scenario = Callable[[Path], Awaitable[None]]


async def echo(request: Request, report: Report) -> Done | Refused:
    report("working")
    return Done(type(request).__name__)


def serve(path: Path, scenario: Scenario, idle_timeout_s: float = 5.0) -> None:
    async def main() -> None:
        server = ControlServer(path, echo, idle_timeout_s=idle_timeout_s)
        await server.open()
        try:
            async with asyncio.timeout(20):
                await scenario(path)
        finally:
            await server.close()

    asyncio.run(main())


async def send(path: Path, data: bytes, *, close: bool = False) -> list[Answer]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    if close:
        writer.write_eof()
    answers = [answer_decoder.decode(line) async for line in reader]
    writer.close()
    return answers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def test_notes_then_one_answer(path: Path) -> None:
    async def scenario(path: Path) -> None:
        assert path.stat().st_mode & 0o777 == 0o600
        answers = await send(path, msgspec.json.encode(PingRequest()) + b"\n")
        assert answers == [Note("working"), Done("PingRequest")]

    serve(path, scenario)
    assert not path.exists()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"not json\n",
        b'{"type":"format-disk"}\n',
        b'{"type":"rollback"}\n',
        b'{"type":"rollback","ids":7,"user":"me"}\n',
        b'{"type":"ping"\n',
        b"\xff\xfe\n",
        b'["ping"]\n',
    ],
)
def test_an_invalid_request_is_refused_and_the_next_is_served(path: Path, line: bytes) -> None:
    async def scenario(path: Path) -> None:
        (refused,) = await send(path, line)
        assert isinstance(refused, Refused) and refused.code == "bad-request"
        assert "\n" not in refused.text
        assert (await send(path, b'{"type":"ping"}\n'))[-1] == Done("PingRequest")

    serve(path, scenario)


def test_an_oversized_request_is_refused(path: Path) -> None:
    async def scenario(path: Path) -> None:
        (refused,) = await send(path, b"x" * (MAX_REQUEST_BYTES + 2) + b"\n")
        assert isinstance(refused, Refused) and str(MAX_REQUEST_BYTES) in refused.text

    serve(path, scenario)


def test_an_idle_client_is_disconnected(path: Path) -> None:
    async def scenario(path: Path) -> None:
        (refused,) = await send(path, b'{"type":')
        assert isinstance(refused, Refused) and "0.2 s" in refused.text

    serve(path, scenario, idle_timeout_s=0.2)


def test_a_client_that_disconnects_does_not_affect_others(path: Path) -> None:
    async def scenario(path: Path) -> None:
        for data in (b"", b'{"type":"ping"}\n'):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(data)
            await writer.drain()
            writer.transport.abort()
        assert (await send(path, b'{"type":"ping"}\n'))[-1] == Done("PingRequest")

    serve(path, scenario)


def test_a_request_without_a_newline_at_the_end_of_input(path: Path) -> None:
    async def scenario(path: Path) -> None:
        assert (await send(path, b'{"type":"ping"}', close=True))[-1] == Done("PingRequest")

    serve(path, scenario)


def test_a_client_that_does_not_read_blocks_nothing(path: Path) -> None:
    """Its notes fill the socket; the work still finishes, and others are served."""
    finished = asyncio.Event()

    async def chatty(request: Request, report: Report) -> Done | Refused:
        if isinstance(request, BackupRequest):
            for _ in range(2000):
                report("x" * 1000)
            finished.set()
        return Done("done")

    async def main() -> None:
        server = ControlServer(path, chatty, idle_timeout_s=0.3)
        await server.open()
        async with asyncio.timeout(20):
            silent = socket.socket(socket.AF_UNIX)
            silent.connect(str(path))
            silent.sendall(b'{"type":"backup"}\n')
            await finished.wait()
            assert await send(path, b'{"type":"ping"}\n') == [Done("done")]
            await server.close()
            silent.close()

    asyncio.run(main())


def test_a_dead_supervisors_socket_is_replaced(path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()

    async def scenario(path: Path) -> None:
        assert (await send(path, b'{"type":"ping"}\n'))[-1] == Done("PingRequest")

    serve(path, scenario)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_gets_no_answer() -> None:
    """Even with an open folder and socket: the kernel reports the peer's user."""

    async def scenario(path: Path) -> None:
        path.chmod(0o666)
        stranger = socket.socket(socket.AF_UNIX)
        os.seteuid(65534)
        try:
            stranger.connect(str(path))
        finally:
            os.seteuid(0)
        reader, writer = await asyncio.open_unix_connection(sock=stranger)
        writer.write(b'{"type":"ping"}\n')
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        serve(Path(folder) / "control.sock", scenario)
