"""The web server: gives a browser the page, and each of its tabs a screen of its own."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import WSCloseCode, hdrs, web

from landerctl.web.access import COOKIE_LIFETIME_S, Access, visitor
from landerctl.web.messages import COLUMNS, MAX_MESSAGE_BYTES, ROWS, within
from landerctl.web.session import ScreenSession

HEARTBEAT_S = 15.0  # a tab that does not answer within half of this is gone
CLOSE_S = 2.0
_HERE, _SERVED = files("landerctl.web") / "static", files("textual_serve") / "static"
# All that is served besides the page: path, file, type. Nothing comes from another server.
STATIC: dict[str, tuple[Traversable, str]] = {
    "page.css": (_HERE / "page.css", "text/css"),
    "page.js": (_HERE / "page.js", "text/javascript"),
    "xterm.css": (_SERVED / "css" / "xterm.css", "text/css"),
    "textual.js": (_SERVED / "js" / "textual.js", "text/javascript"),
    "RobotoMono.ttf": (_SERVED / "fonts" / "RobotoMono-VariableFont_wght.ttf", "font/ttf"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# xterm.js writes its sizes and colours into style elements; no script but ours runs.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src {websocket}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_WITHOUT_COOKIE = "Open the whole address that `landerctl web` prints: its token is missing."
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Limits:
    """How many screens may be open, and for how long without a key (s)."""

    sessions: int
    idle_s: float


class WebServer:
    """Serves the screens that `command` draws, to whom `access` lets in."""

    def __init__(
        self, command: Sequence[str], access: Access, limits: Limits, log: Callable[[str], None]
    ) -> None:
        self._command = command
        self._access = access
        self._limits = limits
        self._log = log
        self.sessions: dict[ScreenSession, asyncio.Task[object]] = {}  # open ones

    def application(self) -> web.Application:
        """The aiohttp application."""

        @web.middleware
        async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
            self._let_in(request)
            return await handler(request)

        app = web.Application(middlewares=[guard])
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._end_sessions)
        app.router.add_get("/", self._page)
        app.router.add_get("/ws", self._screen, allow_head=False)
        app.router.add_get("/static/{name}", self._static)
        return app

    def _let_in(self, request: web.Request) -> None:
        """Return for who has the cookie. Raises what to answer to others: HTTPException."""
        if not self._access.accepts_host(request.host):
            raise self._refusal(request, "the request names another host", status=421)
        if request.path == "/ws":
            origin = request.headers.get(hdrs.ORIGIN, "")
            if origin.lower() != self._access.origin(request.host):
                raise self._refusal(request, "the request comes from another page")
        if request.path == "/" and (token := request.query.get("token")) is not None:
            if not self._access.accepts_token(token):
                raise self._refusal(request, "the token is wrong")
            raise self._admission()
        cookie = request.cookies.get(self._access.cookie_name)
        if not self._access.accepts_cookie(cookie, time.time()):
            raise web.HTTPUnauthorized(text=_WITHOUT_COOKIE)

    def _refusal(self, request: web.Request, why: str, status: int = 403) -> web.HTTPException:
        self._log(f"{self._visitor(request)}: refused, {why}")
        refusal = web.HTTPForbidden(text=f"Refused: {why}.")
        refusal.set_status(status)
        return refusal

    def _admission(self) -> web.HTTPException:
        """Sets the cookie, and leads to the address without the token.

        Not by a redirect: browsers do not send a strict cookie after one that began on another
        page, such as a mail with the address.
        """
        response = web.HTTPOk(
            text='<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>landerctl'
            "</title>",
            content_type="text/html",
        )
        response.set_cookie(
            self._access.cookie_name,
            self._access.new_cookie(time.time()),
            max_age=int(COOKIE_LIFETIME_S),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._access.encrypted,
        )
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        origin = self._access.origin(request.host)
        websocket = f"{origin.replace('http', 'ws', 1)}/ws"  # the host is one that we accept
        page = (_HERE / "page.html").read_text("utf-8").replace("{{websocket}}", websocket)
        response = web.Response(text=page, content_type="text/html")
        response.headers["Content-Security-Policy"] = _PAGE_POLICY.format(websocket=websocket)
        return response

    async def _static(self, request: web.Request) -> web.StreamResponse:
        found = STATIC.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound(text="There is no such file.")
        file, kind = found
        return web.Response(body=file.read_bytes(), content_type=kind)

    async def _screen(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(
            timeout=CLOSE_S, heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES
        )
        await websocket.prepare(request)
        who, most = self._visitor(request), self._limits.sessions
        if len(self.sessions) >= most:
            self._log(f"{who}: refused, {most} screens are open already")
            text = f"{most} screens are open already: close one, then open this again."
            await websocket.send_bytes(text.encode())
            await websocket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return websocket
        task = asyncio.current_task()
        assert task is not None
        size = (
            within(_number(request.query.get("width"), 80), COLUMNS),
            within(_number(request.query.get("height"), 24), ROWS),
        )
        session = ScreenSession(
            websocket, self._command, address=who, size=size, idle_s=self._limits.idle_s
        )
        self.sessions[session] = task
        self._log(f"{who}: opened a screen ({len(self.sessions)} of {most})")
        try:
            self._log(f"{who}: closed, {await session.run()}")
        finally:
            del self.sessions[session]
        return websocket

    def _visitor(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-For") if self._access.encrypted else None
        return visitor(request.remote, forwarded)

    async def _end_sessions(self, app: web.Application) -> None:
        """End all screens; each process has at most its time to quit."""
        tasks = list(self.sessions.values())
        for session in self.sessions:
            session.stop()
        if tasks:
            await asyncio.wait(tasks)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = "landerctl"


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else otherwise


def log_line(text: str) -> None:
    """A line of what visitors do, on standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
