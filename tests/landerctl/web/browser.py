"""A headless Chromium (Debian's package), driven by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

TIMEOUT_S = 120.0
_PROGRAM = "chromium"
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-port=0",
)


class Tab:
    """An open tab: what it asked for, and what its WebSocket brought."""

    def __init__(self, devtools: ClientWebSocketResponse) -> None:
        self._devtools = devtools
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        self.shown = ""  # all that the screen drew, with its control sequences
        self.problems: list[str] = []

    async def listen(self) -> None:
        """Take in events until cancelled."""
        async for message in self._devtools:
            event = json.loads(message.data)
            what = event.get("params", {})
            match event.get("method"):
                case None:
                    self._answers.pop(event["id"]).set_result(event.get("result", {}))
                case "Network.requestWillBeSent":
                    self.requests.append(what["request"]["url"])
                case "Network.webSocketCreated":
                    self.requests.append(what["url"])
                case "Network.webSocketFrameReceived" if what["response"]["opcode"] == 2:
                    data = base64.b64decode(what["response"]["payloadData"])
                    self.shown += data.decode("utf-8", "replace")
                case "Runtime.exceptionThrown":
                    self.problems.append(json.dumps(what))
                case "Log.entryAdded" if what["entry"]["source"] == "security":
                    self.problems.append(what["entry"]["text"])

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Carry out a command of the protocol; its result."""
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._devtools.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(self._answers[number], TIMEOUT_S)

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        result = await self.command("Runtime.evaluate", expression=script, returnByValue=True)
        return result["result"].get("value")

    async def press(self, key: str) -> None:
        """Press a key that types a character."""
        await self.command("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.command("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the browser or the server does."""
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                await asyncio.sleep(0.02)


class Browser:
    """A running Chromium."""

    def __init__(self, client: ClientSession, address: str) -> None:
        self._client = client
        self._address = address
        self._open: list[tuple[asyncio.Task[None], ClientWebSocketResponse]] = []

    async def open(self, url: str) -> Tab:
        """A new tab at this address."""
        async with self._client.put(f"{self._address}/json/new?about:blank") as response:
            target = await response.json()
        devtools = await self._client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
        tab = Tab(devtools)
        self._open.append((asyncio.create_task(tab.listen()), devtools))
        for domain in ("Page", "Network", "Runtime", "Log"):
            await tab.command(f"{domain}.enable")
        await tab.command("Page.navigate", url=url)
        return tab

    async def close(self) -> None:
        """Disconnect from all tabs."""
        for task, devtools in self._open:
            task.cancel()
            await devtools.close()


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a new profile. Skips the test if Chromium is not installed."""
    if shutil.which(_PROGRAM) is None:
        pytest.skip("the tests in a browser need Chromium: apt-get install chromium")
    command = [_PROGRAM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = profile / "DevToolsActivePort"
        async with asyncio.timeout(TIMEOUT_S):
            while not (port.exists() and port.read_text().count("\n")):
                await asyncio.sleep(0.02)
        async with ClientSession() as client:
            browser = Browser(client, f"http://127.0.0.1:{port.read_text().splitlines()[0]}")
            yield browser
            await browser.close()
    finally:
        process.terminate()
        process.wait()
