"""The control socket: a Unix socket in the state folder, for the folder's owner alone."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.text.one_line import one_line
from daemon.base.user import user_name
from daemon.processes.control_socket import socket_name
from daemon.protocol.control import (
    MAX_REQUEST_BYTES,
    Answer,
    Done,
    Note,
    Refused,
    Request,
    request_decoder,
)
from daemon.supervisor.control.requester import identified

_log = logging.getLogger(__name__)

IDLE_TIMEOUT_S = 10.0  # for the request to arrive, and for each answer to be read
_PEER = struct.Struct("3i")  # struct ucred: pid, uid, gid

Report = Callable[[str], None]
Handler = Callable[[Request, Report], Awaitable[Done | Refused]]


class ControlServer:
    """Serves one request per connection. `handler` executes them, one long one at a time."""

    def __init__(
        self, path: Path, handler: Handler, *, idle_timeout_s: float = IDLE_TIMEOUT_S
    ) -> None:
        self._path = path
        self._handler = handler
        self._idle_timeout_s = idle_timeout_s
        self._server: asyncio.Server | None = None
        self._status: os.stat_result | None = None  # of our socket
        self._clients: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen, replacing a dead supervisor's socket. Call with the lock held. Raises OSError.

        The file mode is set before a client can connect.
        """
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_name(self._path) as name:
                listener.bind(name)
            self._path.chmod(0o600)
            self._status = self._path.stat()
            self._server = await asyncio.start_unix_server(
                self._on_connect, sock=listener, limit=MAX_REQUEST_BYTES
            )
        except OSError:
            listener.close()
            raise

    async def close(self) -> None:
        """Stop listening, let pending answers be sent, remove the socket."""
        if self._server is not None:
            self._server.close()
        if self._clients:
            await asyncio.wait(self._clients, timeout=self._idle_timeout_s)
        # Not another daemon's, in a folder that took the place of ours.
        try:
            if self._status is not None and os.path.samestat(self._path.stat(), self._status):
                self._path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            _log.warning("%s is left: %s", self._path, error.strerror)  # the next start replaces it

    async def _on_connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._serve_client(reader, writer)
        except (ConnectionError, TimeoutError) as error:
            _log.info("control client disconnected: %s", error or "timed out")
            # A graceful close would wait for a client that does not read.
            writer.transport.abort()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        uid = _peer_uid(writer)
        if uid != os.geteuid():
            _log.warning("control connection of user %d refused", uid)
            return
        request = await self._read(reader)
        if isinstance(request, Refused):
            await self._send(writer, request)
            return
        if _has_gone(writer):
            # It gave up while this process was frozen; nobody expects the result any more.
            _log.warning("%s not executed: its client has gone", type(request).__name__)
            return
        request = identified(request, user_name(uid))
        await self._send(writer, await self._execute(request, writer))

    async def _read(self, reader: asyncio.StreamReader) -> Request | Refused:
        try:
            async with asyncio.timeout(self._idle_timeout_s):
                line = await reader.readline()
        except TimeoutError:
            return Refused("bad-request", f"no request within {self._idle_timeout_s:g} s")
        except ValueError:
            return Refused("bad-request", f"the request exceeds {MAX_REQUEST_BYTES} bytes")
        try:
            request: Request = request_decoder.decode(line)
        except MALFORMED as error:
            return Refused("bad-request", f"the request cannot be decoded: {error}")
        return request

    async def _execute(self, request: Request, writer: asyncio.StreamWriter) -> Done | Refused:
        def report(text: str) -> None:
            # Not awaited: a client that reads slowly or has disconnected must not block the work.
            if not writer.is_closing():
                writer.write(_line(Note(text)))

        return await self._handler(request, report)

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        writer.write(_line(answer))
        async with asyncio.timeout(self._idle_timeout_s):
            await writer.drain()


def _line(answer: Answer) -> bytes:
    # A text may quote what the client sent.
    safe = msgspec.structs.replace(answer, text=one_line(answer.text))
    return msgspec.json.encode(safe) + b"\n"


def _peer_uid(writer: asyncio.StreamWriter) -> int:
    peer: socket.socket = writer.get_extra_info("socket")
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(credentials)[1])


def _has_gone(writer: asyncio.StreamWriter) -> bool:
    """Whether the client has closed the connection, and not only its own sending side."""
    poll = select.poll()
    poll.register(writer.get_extra_info("socket").fileno(), 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))
