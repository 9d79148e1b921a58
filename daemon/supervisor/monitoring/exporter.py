"""`/metrics` for Prometheus, on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

from daemon.supervisor.monitoring.exposition import Exposed

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

HOST = "127.0.0.1"


class Exporter:
    """Serves the newest values from its own thread, in the text format or as OpenMetrics."""

    def __init__(self, port: int, exposed: Callable[[], Exposed]) -> None:
        """`exposed` is called in threads of the server."""
        self._port, self._exposed = port, exposed
        self._served: tuple[WSGIServer, Thread] | None = None

    def start(self) -> str:
        """Listen; returns the address to scrape. Raises OSError."""
        # Imported here: a daemon without the exporter should not load it.
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        server, thread = start_http_server(self._port, HOST, registry)
        self._served = server, thread
        return f"http://{HOST}:{server.server_port}/metrics"

    def stop(self) -> None:
        """Stop listening."""
        if self._served is not None:
            server, thread = self._served
            server.shutdown()
            server.server_close()
            thread.join()

    def collect(self) -> Iterable[Metric]:
        """prometheus_client's hook: all current values and alerts."""
        return self._exposed().families()
