"""`landerctl web` as it is: the real server, the real screen, a real browser, a hostile client."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil
from aiohttp import ClientSession, CookieJar, WSMsgType

from daemon.base.paths import StatePaths
from daemon.protocol.control import BackupRequest, Done, PingRequest, Request
from landerctl.tui.console.acting import READ_ONLY
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.landerctl.tui.state_folder import StateFolder
from tests.landerctl.web.browser import TIMEOUT_S, Browser, Tab, chromium
from tests.waiting import eventually


@contextmanager
def server(paths: StatePaths, *options: str) -> Iterator[tuple[psutil.Process, str]]:
    """A running `landerctl web`, and its whole address."""
    command = [sys.executable, "-m", "landerctl", "--home", str(paths.home), "web", "--port", "0"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            address = paths.web_address.read_text("utf-8").strip()
            assert paths.web_address.stat().st_mode & 0o777 == 0o600
            token = address.partition("=")[2]
            assert token and token not in said
            yield psutil.Process(process.pid), address
        finally:
            process.terminate()
    if process.returncode != -signal.SIGKILL:
        assert process.returncode == 0 and not paths.web_address.exists()


def screens(process: psutil.Process) -> list[psutil.Process]:
    """Its open screens: the only processes that it starts."""
    return [one for one in process.children() if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # since it was listed
        return False


def asked(daemon: SmallDaemon) -> list[Request]:
    return [one for one in daemon.asked if not isinstance(one, PingRequest)]


def test_a_browser_watches_and_changes_nothing(folder: StateFolder, tmp_path: Path) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(process: psutil.Process, address: str, browser: Browser) -> None:
        without = await browser.open(address.partition("?")[0])
        await without.until(lambda: len(without.requests) > 0)
        wrong = await browser.open(f"{address}x")
        await wrong.until(lambda: len(wrong.requests) > 0)
        tab = await browser.open(address)
        await tab.until(lambda: "read-only" in tab.shown)
        assert await tab.evaluate("location.href") == address.partition("?")[0]
        assert await tab.evaluate("document.cookie") == ""  # HttpOnly
        for key in "brsu?":
            await tab.press(key)
        await tab.until(lambda: "Save a checkpoint now" in tab.shown)  # the help: no dialog is open
        assert READ_ONLY[:20] in tab.shown
        second = await browser.open(address.partition("?")[0])
        await second.until(lambda: "Curriculum" in second.shown)
        assert len(screens(process)) == 2
        token = address.partition("=")[2]
        for screen in screens(process):
            assert token not in " ".join(screen.cmdline()) + str(screen.environ())
        await second.command("Page.close")
        await tab.until(lambda: len(screens(process)) == 1)
        for _ in range(2):  # the help, then the screen
            await tab.press("q")
        await tab.until(lambda: not screens(process))
        for one in (without, wrong):
            assert (not one.shown and "landerctl web" in await text(one)) or "wrong" in await text(
                one
            )
        assert tab.problems == []
        origins = {"/".join(url.split("/")[2:3]) for url in tab.requests + second.requests}
        assert origins == {address.split("/")[2]}

    with SmallDaemon(folder.paths, [Done("done")]) as daemon, server(folder.paths) as started:
        in_browser(tmp_path, lambda browser: steps(*started, browser))
    assert asked(daemon) == []


async def text(tab: Tab) -> str:
    return str(await tab.evaluate("document.body.innerText"))


def in_browser(tmp_path: Path, steps: Callable[[Browser], Awaitable[None]]) -> None:
    async def go() -> None:
        async with chromium(tmp_path / "chromium") as browser:
            await steps(browser)

    asyncio.run(go())


def test_a_hostile_client_changes_nothing_and_leaves_nothing(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(process: psutil.Process, address: str) -> None:
        async with visitor(address) as (client, url, origin):
            websocket = await client.ws_connect(url, headers=origin, max_msg_size=0)
            while b"daemon up" not in await asyncio.wait_for(websocket.receive_bytes(), TIMEOUT_S):
                pass
            [screen] = screens(process)
            clicks = "".join(f"\x1b[<0;{x};24M\x1b[<0;{x};24m" for x in range(1, 100, 2))
            palette = "\x10stop\r\r" + "\x10roll back\r\r" + "\x10back up\r\r"
            for typed in (
                "brsu",
                "2rs\r\r",
                "aansu\x1b",
                palette,
                "\x1b",
                clicks,
                "\x1b[200~s\x1b[201~",
            ):
                await websocket.send_json(["stdin", typed])
            await websocket.send_json(["resize", {"width": 10**9, "height": 10**9}])
            # A terminal's own report of its size, which no message of the page bounds.
            await websocket.send_json(["stdin", "\x1b[48;99999999;99999999;1;1t\x1b[\xff"])
            with suppress(ConnectionError):
                await websocket.send_json(["quit", {"type": "deliver_chunk_request"}])
                await websocket.send_str("x" * 10_000_000)
            async with asyncio.timeout(TIMEOUT_S):
                while (await websocket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    pass
            eventually(lambda: not screen.is_running(), "its process has ended", TIMEOUT_S)
            again = await client.ws_connect(url, headers=origin, max_msg_size=0)
            while b"daemon up" not in await asyncio.wait_for(again.receive_bytes(), TIMEOUT_S):
                pass
            [screen] = screens(process)
            process.kill()
            eventually(lambda: not screen.is_running(), "the screen ends with it", TIMEOUT_S)

    with SmallDaemon(folder.paths, [Done("done")]) as daemon, server(folder.paths) as started:
        asyncio.run(steps(*started))
    assert asked(daemon) == []


def test_with_write_keys_work_and_the_visitor_is_named(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(address: str) -> None:
        async with visitor(address) as (client, url, origin):
            websocket = await client.ws_connect(url, headers=origin)
            while b"daemon up" not in await asyncio.wait_for(websocket.receive_bytes(), TIMEOUT_S):
                pass
            await websocket.send_json(["stdin", "b"])
            async with asyncio.timeout(TIMEOUT_S):
                while not asked(daemon):
                    await asyncio.sleep(0.02)
            await websocket.close()

    with (
        SmallDaemon(folder.paths, [Done("done")]) as daemon,
        server(folder.paths, "--write") as (_, address),
    ):
        asyncio.run(steps(address))
    assert asked(daemon) == [BackupRequest()]
    assert daemon.places == ["browser 127.0.0.1"]


@asynccontextmanager
async def visitor(address: str) -> AsyncIterator[tuple[ClientSession, str, dict[str, str]]]:
    """A client with the cookie, the WebSocket's address, and the header it needs."""
    base = address.partition("/?")[0]
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        async with client.get(address) as response:
            assert response.status == 200
        yield client, f"{base}/ws?width=100&height=24", {"Origin": base}
