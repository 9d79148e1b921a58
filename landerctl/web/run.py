"""Runs the web server until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from daemon.base.files import write_atomically
from daemon.base.secrets.redacted_log import RedactingFormatter
from daemon.base.secrets.redaction import hide
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.web.access import Access
from landerctl.web.server import Limits, WebServer, log_line

_LONGEST_LINE_BYTES = 4096  # of a request's first line and each header


@dataclass(frozen=True)
class Place:
    """Where to listen (port 0: any free one), and the proxy's origin before it, if any."""

    host: str
    port: int
    proxy: str | None


def serve(command: Sequence[str], place: Place, limits: Limits, address_file: Path) -> None:
    """Serve the screens that `command` draws, until SIGINT or SIGTERM.

    The address with the token is printed on a terminal, else written to `address_file` (0600).
    Raises Failure: it cannot listen there, or the file cannot be written.
    """
    token = secrets.token_urlsafe(32)
    hide([token])
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(message)s"))
    logging.getLogger("aiohttp").addHandler(handler)
    asyncio.run(_serve(command, place, limits, token, address_file))


async def _serve(
    command: Sequence[str], place: Place, limits: Limits, token: str, address_file: Path
) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = WebServer(command, Access(token, place.proxy), limits, log_line)
    runner = web.AppRunner(
        server.application(),
        access_log=None,  # it would hold the token
        max_line_size=_LONGEST_LINE_BYTES,
        max_field_size=_LONGEST_LINE_BYTES,
        shutdown_timeout=1.0,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, place.host, place.port).start()
        except OSError as error:
            reason = os.strerror(error.errno or 0) if error.errno else str(error)
            raise Failure(
                f"{place.host}:{place.port}: {reason}; `--port 0` takes any free one"
            ) from None
        host, port = runner.addresses[0][:2]
        name = f"[{host}]" if ":" in host else host
        address = place.proxy or f"http://{name}:{port}"
        with _told(address, token, address_file):
            await stopped.wait()
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def _told(address: str, token: str, file: Path) -> Iterator[None]:
    """Print the address; where that may be a log, the token goes to a file instead."""
    whole = f"{address}/?token={token}"
    if sys.stdout.isatty():
        print(f"{whole}\nIt shows this to who has that address, until Ctrl-C.", flush=True)
        yield
        return
    try:
        write_atomically(file, f"{whole}\n".encode())
    except OSError as error:
        text = f"{error.filename or file}: {os.strerror(error.errno or 0)}"
        raise Failure(
            f"{text}; the address with its token is kept there", Exit.CANNOT_WRITE
        ) from None
    print(f"{address}; the whole address, with its token, is in {file}", flush=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if token in file.read_text("utf-8"):  # not that of a server started later
                file.unlink()
