"""One browser tab: its WebSocket, and the process of the screen that it shows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from aiohttp import WSCloseCode, WSMsgType, web

from daemon.base.seat import BROWSER_VARIABLE
from landerctl.web.messages import QUIT, Keys, MessageError, Ping, decode, pong

FRAMES_PER_S = 10
QUIT_S = 5.0  # a screen that is asked to quit has this time, then it is killed
PACKET_BYTES = 1 << 24  # no screen sends more at once
ADDRESS_SPACE_BYTES = 2 << 30  # a visitor's keys can make a screen grow: not without a limit
NICENESS = 5  # training goes first
_BANNER = b"__GANGLION__\n"  # of Textual's web driver, before its first packet


class ScreenSession:
    """Starts `command` and passes on what it shows and what is typed, until either side ends."""

    def __init__(
        self,
        websocket: web.WebSocketResponse,
        command: Sequence[str],
        *,
        address: str,
        size: tuple[int, int],
        idle_s: float,
    ) -> None:
        self._websocket = websocket
        self._command = command
        self._environ = screen_environment(os.environ, address, size)
        self._idle_s = idle_s
        self._showing = True
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End it, as if its tab were closed."""
        self._stopped.set()

    async def run(self) -> str:
        """Returns why it ended; its process has ended then."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            env=self._environ,
            start_new_session=True,
        )
        with contextlib.suppress(ProcessLookupError):
            limits = (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES)
            resource.prlimit(process.pid, resource.RLIMIT_AS, limits)
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        shown = asyncio.create_task(self._show(process), name="screen's output")
        typed = asyncio.create_task(self._listen(process), name="screen's input")
        stopped = asyncio.create_task(self._stopped.wait(), name="screen's stop")
        try:
            await asyncio.wait({shown, typed, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if typed.done():
                return typed.result()
            return "the server ends" if stopped.done() else await _ending(process)
        finally:
            stopped.cancel()
            typed.cancel()
            self._showing = False
            await asyncio.gather(
                _end(process), self._websocket.close(), typed, return_exceptions=True
            )
            shown.cancel()

    async def _show(self, process: Process) -> None:
        """Pass on what the screen draws; once the tab is gone, only read it: it can quit then."""
        assert process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError):
            await process.stdout.readuntil(_BANNER)
            while True:
                head = await process.stdout.readexactly(5)
                size = int.from_bytes(head[1:], "big")
                if size > PACKET_BYTES:
                    return
                payload = await process.stdout.readexactly(size)
                if head[:1] == b"D" and self._showing:
                    try:
                        await self._websocket.send_bytes(payload)
                    except (ConnectionError, RuntimeError):  # RuntimeError: it is closing
                        self._showing = False

    async def _listen(self, process: Process) -> str:
        """Pass on what is typed, until the tab is closed, idle, or sends what our page does not."""
        assert process.stdin is not None
        typed_s = time.monotonic()
        while True:
            left_s = typed_s + self._idle_s - time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, left_s)):
                    received = await self._websocket.receive()
            except TimeoutError:
                return f"nothing was typed for {self._idle_s / 60.0:.0f} min"
            if received.type is not WSMsgType.TEXT:
                return _why(received.type)
            try:
                message = decode(received.data)
            except MessageError as error:
                await self._websocket.close(code=WSCloseCode.POLICY_VIOLATION)
                return f"its browser sent {error}"
            if isinstance(message, Ping):
                await self._websocket.send_str(pong(message))
                continue
            if isinstance(message, Keys):
                typed_s = time.monotonic()
            try:
                process.stdin.write(message.packet)
                await process.stdin.drain()
            except ConnectionError:
                return "the screen ended"


def screen_environment(
    environ: Mapping[str, str], address: str, size: tuple[int, int]
) -> dict[str, str]:
    """The environment of a screen that Textual draws for a browser."""
    return {
        **environ,
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TEXTUAL_FPS": str(FRAMES_PER_S),
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM_PROGRAM": "textual",
        "TERM_PROGRAM_VERSION": version("textual-serve"),
        "COLUMNS": str(size[0]),
        "ROWS": str(size[1]),
        BROWSER_VARIABLE: address,
    }


async def _end(process: Process) -> None:
    """Ask the screen to quit, and close its input; kill it if it does not."""
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(QUIT)
    process.stdin.close()
    try:
        async with asyncio.timeout(QUIT_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _ending(process: Process) -> str:
    """How a screen whose output has ended ends."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(QUIT_S):
            if code := await process.wait():
                return f"the screen ended with exit code {code}"
    return "the screen ended"


def _why(kind: WSMsgType) -> str:
    if kind in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
        return "its tab was closed"
    return "its browser sent too much at once, or no text"
