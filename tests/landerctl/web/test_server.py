"""The server with small screens in place of the real one: who gets in, and how screens end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil
import pytest
from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
    WSMsgType,
    WSServerHandshakeError,
    web,
)

from landerctl.web import session as session_module
from landerctl.web.access import Access
from landerctl.web.server import STATIC, Limits, WebServer

TOKEN = "the-token"
TIMEOUT_S = 20.0
# Shows its process, and repeats what it gets, until it is asked to quit.
SCREEN = """
import os, sys
def show(text):
    os.write(1, b"D" + len(text).to_bytes(4, "big") + text)
os.write(1, b"__GANGLION__\\n")
show(b"process %d for %s" % (os.getpid(), os.environ["LANDERCTL_BROWSER"].encode()))
while head := sys.stdin.buffer.read(5):
    payload = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
    if payload == b'{"type":"quit"}':
        break
    show(payload)
"""
DEAF = SCREEN.replace("while head", "import signal; signal.pause()\nwhile head")


class Visit:
    """A server and a visitor who has its cookie."""

    def __init__(self, server: WebServer, port: int, client: ClientSession, log: list[str]) -> None:
        self.server = server
        self.client = client
        self.log = log
        self.url = f"http://127.0.0.1:{port}"
        self.pids: list[int] = []

    async def open(self, **changes: str) -> ClientWebSocketResponse:
        """A WebSocket as the page opens it, with changed headers."""
        headers = {"Origin": self.url} | changes
        url = f"{self.url}/ws?width=80&height=24"
        return await self.client.ws_connect(url, headers=headers, compress=15)

    async def screen(self) -> ClientWebSocketResponse:
        """An open screen; its process is noted."""
        websocket = await self.open()
        shown = await asyncio.wait_for(websocket.receive_bytes(), TIMEOUT_S)
        assert shown.endswith(b" for 127.0.0.1")
        self.pids.append(int(shown.split()[1]))
        return websocket

    async def closed(self, left: int) -> None:
        """Wait until so many screens are open; each closed one's process has ended by then."""
        async with asyncio.timeout(TIMEOUT_S):
            while len(self.server.sessions) > left:
                await asyncio.sleep(0.01)
        assert sum(map(psutil.pid_exists, self.pids)) == min(left, len(self.pids))


@asynccontextmanager
async def served(
    screen: str, limits: Limits, proxy: str | None, *, admitted: bool
) -> AsyncIterator[Visit]:
    log: list[str] = []
    command = [sys.executable, "-S", "-c", screen]
    web_server = WebServer(command, Access(TOKEN, proxy), limits, log.append)
    runner = web.AppRunner(web_server.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        visit = Visit(web_server, runner.addresses[0][1], client, log)
        if admitted:
            async with client.get(f"{visit.url}/?token={TOKEN}") as response:
                assert response.status == 200
        yield visit
        await runner.cleanup()
    assert not any(map(psutil.pid_exists, visit.pids))


def visit(
    steps: Callable[[Visit], Awaitable[None]],
    *,
    screen: str = SCREEN,
    limits: Limits = Limits(2, 60.0),  # noqa: B008  immutable
    proxy: str | None = None,
    admitted: bool = True,
) -> None:
    async def go() -> None:
        async with (
            asyncio.timeout(3 * TIMEOUT_S),
            served(screen, limits, proxy, admitted=admitted) as opened,
        ):
            await steps(opened)

    asyncio.run(go())


async def ended(websocket: ClientWebSocketResponse) -> None:
    """Read until the server has closed it."""
    async with asyncio.timeout(TIMEOUT_S):
        while (await websocket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            pass


async def status(visit: Visit, path: str, **headers: str) -> int:
    async with visit.client.get(visit.url + path, headers=headers) as response:
        return response.status


async def refused(visit: Visit, **headers: str) -> int:
    with pytest.raises(WSServerHandshakeError) as caught:
        await visit.open(**headers)
    return caught.value.status


def test_without_the_token_there_is_nothing() -> None:
    async def steps(visit: Visit) -> None:
        for path in ("/", "/static/textual.js", "/no-such"):
            assert await status(visit, path) == 401
        assert await refused(visit) == 401
        for token in ("", "wrong", TOKEN + "x", "%ff"):
            assert await status(visit, f"/?token={token}") == 403
        assert "127.0.0.1: refused, the token is wrong" in visit.log
        assert TOKEN not in "".join(visit.log)

    visit(steps, admitted=False)


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    async def steps(visit: Visit) -> None:
        async with visit.client.get(f"{visit.url}/?token={TOKEN}") as response:
            cookie = response.headers["Set-Cookie"]
            page = await response.text()
        assert TOKEN not in cookie + page and 'content="0;url=/"' in page
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age"):
            assert part in cookie
        assert "Secure" not in cookie
        async with visit.client.get(visit.url) as response:
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
            assert f"connect-src {visit.url.replace('http', 'ws')}/ws;" in policy
            assert response.headers["X-Frame-Options"] == "DENY"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Cache-Control"] == "no-store"
            page = await response.text()
        assert "https://" not in page and "<script>" not in page
        for name in STATIC:
            assert await status(visit, f"/static/{name}") == 200
        for path in ("/static/../run.py", "/static/%2e%2e%2frun.py", "/static/page.html", "/x"):
            assert await status(visit, path) == 404

    visit(steps)


def test_a_foreign_page_opens_no_screen() -> None:
    async def steps(visit: Visit) -> None:
        port = visit.url.rpartition(":")[2]
        for origin in ("https://evil.example", "null", "", f"http://localhost:{port}",
                       "http://127.0.0.1:1", visit.url + "/"):  # fmt: skip
            assert await refused(visit, Origin=origin) == 403
        for host in ("evil.example", f"127.0.0.1.evil.example:{port}"):
            assert await refused(visit, Host=host, Origin=f"http://{host}") == 421
            assert await status(visit, f"/?token={TOKEN}", Host=host) == 421
        assert not visit.pids

    visit(steps)


def test_behind_a_proxy_its_name_and_https_count() -> None:
    proxy = "https://lander.example.org"

    async def steps(visit: Visit) -> None:
        assert await status(visit, f"/?token={TOKEN}") == 421
        asked = {"Host": "lander.example.org", "X-Forwarded-For": "6.6.6.6, 192.0.2.7"}
        async with visit.client.get(f"{visit.url}/?token={TOKEN}", headers=asked) as response:
            value = response.headers["Set-Cookie"]
        assert value.startswith("__Host-") and "Secure" in value
        cookie = {"Cookie": value.partition(";")[0]}
        assert await refused(visit, Origin=visit.url, **asked, **cookie) == 403
        websocket = await visit.open(Origin=proxy, **asked, **cookie)
        assert (await websocket.receive_bytes()).endswith(b" for 192.0.2.7")
        await websocket.close()

    visit(steps, proxy=proxy, admitted=False)


def test_each_tab_has_a_process_that_ends_with_it() -> None:
    async def steps(visit: Visit) -> None:
        first, second = await visit.screen(), await visit.screen()
        await first.send_json(["stdin", "é"])
        assert await first.receive_bytes() == "é".encode()
        await first.close()
        await visit.closed(1)
        assert [psutil.pid_exists(pid) for pid in visit.pids] == [False, True]
        connection = second._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()  # a lost line
        await visit.closed(0)

    visit(steps)


def test_more_screens_than_allowed_are_refused_with_a_word() -> None:
    async def steps(visit: Visit) -> None:
        first, second = await visit.screen(), await visit.screen()
        third = await visit.open()
        assert b"2 screens are open already" in await third.receive_bytes()
        await ended(third)
        await first.close()
        await visit.closed(1)
        await (await visit.screen()).close()
        await second.close()

    visit(steps)


def test_a_screen_in_which_nothing_is_typed_ends() -> None:
    async def steps(visit: Visit) -> None:
        websocket = await visit.screen()
        await websocket.send_json(["focus"])  # is no key
        await ended(websocket)
        await visit.closed(0)
        assert any("nothing was typed" in line for line in visit.log)

    visit(steps, limits=Limits(2, 0.5))


def test_a_screen_that_does_not_quit_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "QUIT_S", 0.2)

    async def steps(visit: Visit) -> None:
        websocket = await visit.screen()
        await websocket.close()
        await visit.closed(0)

    visit(steps, screen=DEAF)


def test_a_screen_that_cannot_start_ends_its_tab() -> None:
    async def steps(visit: Visit) -> None:
        websocket = await visit.open()
        await ended(websocket)
        await visit.closed(0)
        assert "127.0.0.1: closed, the screen ended with exit code 3" in visit.log

    visit(steps, screen="raise SystemExit(3)")


def test_a_hostile_visitor_ends_nothing_but_its_own_screen() -> None:
    async def junk(websocket: ClientWebSocketResponse) -> None:
        await websocket.send_str("\x00{[")

    async def own_message(websocket: ClientWebSocketResponse) -> None:
        await websocket.send_json(["deliver_chunk_request", {"key": "x", "size": 1}])

    async def binary(websocket: ClientWebSocketResponse) -> None:
        await websocket.send_bytes(b"M\0\0\0\x0f" + b'{"type":"quit"}')

    async def huge(websocket: ClientWebSocketResponse) -> None:
        await websocket.send_json(["stdin", "x" * 10_000_000])

    async def steps(visit: Visit) -> None:
        patient = await visit.screen()
        for send in (junk, own_message, binary, huge):
            websocket = await visit.screen()
            with contextlib.suppress(ConnectionError):  # it is closed while it sends
                await send(websocket)
            await ended(websocket)
            await visit.closed(1)
        await patient.send_json(["stdin", "still here"])
        assert await patient.receive_bytes() == b"still here"
        assert psutil.pid_exists(visit.pids[0])

    visit(steps)
