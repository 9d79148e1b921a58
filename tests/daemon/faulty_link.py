"""A link to a server that fails on demand."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from threading import Event


@dataclass(frozen=True)
class Link:
    """The behaviour of the link."""

    cut_after_bytes: int | None = None  # close a connection after that many request bytes
    cut_answer_after_bytes: int | None = None  # likewise for answer bytes
    bytes_per_s: float | None = None
    status: int | None = (
        None  # answer with this status and echo the request, as S3 does with tokens
    )
    silent: bool = False  # accept everything, never answer


GOOD = Link()


class FaultyLink:
    """A TCP proxy. A change of behaviour closes its connections."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._link = GOOD
        self.sent_bytes = 0  # by clients, requests with headers
        self._pause = Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def become(self, link: Link) -> None:
        self._link = link
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.become(GOOD)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        link = self._link
        self._open.add(client)
        with client, contextlib.suppress(OSError):
            if link.silent:
                while client.recv(65536):
                    pass
            elif link.status is not None:
                request = _whole_request(client)
                head = f"HTTP/1.1 {link.status} No\r\nContent-Length: {len(request)}\r\n"
                client.sendall(head.encode() + b"Connection: close\r\n\r\n" + request)
            else:
                self._pass_on(client, link)
        self._open.discard(client)

    def _pass_on(self, client: socket.socket, link: Link) -> None:
        with socket.create_connection(self._upstream) as server:
            limit = link.cut_answer_after_bytes
            threading.Thread(target=_pump, args=(server, client, limit), daemon=True).start()
            passed = 0
            while chunk := client.recv(16384):
                if link.cut_after_bytes is not None and passed + len(chunk) > link.cut_after_bytes:
                    server.sendall(chunk[: link.cut_after_bytes - passed])
                    return
                server.sendall(chunk)
                passed += len(chunk)
                self.sent_bytes += len(chunk)
                if link.bytes_per_s:
                    self._pause.wait(len(chunk) / link.bytes_per_s)


def _pump(source: socket.socket, sink: socket.socket, limit_bytes: int | None) -> None:
    passed = 0
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk if limit_bytes is None else chunk[: limit_bytes - passed])
            passed += len(chunk)
            if limit_bytes is not None and passed >= limit_bytes:
                break
        sink.shutdown(socket.SHUT_RDWR)


def _whole_request(client: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received and (chunk := client.recv(65536)):
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0].split(b":")[1]) if lengths else 0) - len(body)
    while missing > 0 and (chunk := client.recv(65536)):
        missing -= len(chunk)
    return head
