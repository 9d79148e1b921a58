"""`/metrics` for Prometheus, on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

from daemon.store.catalogs.metric_catalog import find_kind
from daemon.store.records import AlertRecord

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

HOST = "127.0.0.1"
PREFIX = "landerctl_"
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")


class Exporter:
    """Serves the newest values from its own thread."""

    def __init__(
        self,
        port: int,
        values: Callable[[], Mapping[str, float]],
        alerts: Callable[[], Iterable[AlertRecord]],
    ) -> None:
        self._port, self._values, self._alerts = port, values, alerts
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
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        for name, value in sorted(self._values().items()):
            exported, scale = exported_as(name)
            yield GaugeMetricFamily(exported, f"The newest {name}", value=value * scale)
        family = GaugeMetricFamily(
            f"{PREFIX}alert_state",
            "1 if an alert is firing, 0 if it is pending",
            labels=["alert", "severity"],
        )
        for alert in self._alerts():
            family.add_metric([alert.name, alert.severity], float(alert.state == "firing"))
        yield family


def exported_as(name: str) -> tuple[str, float]:
    """A sample's name in Prometheus, and the factor to its base unit: ``disk/free_gb`` becomes
    ``landerctl_disk_free_bytes`` with 1e9."""
    exported, kind = PREFIX + _NOT_IN_NAMES.sub("_", name), find_kind(name)
    if kind is None or not kind.unit.in_name:
        return exported, 1.0
    unit = kind.unit
    return re.sub(rf"_{unit.in_name}(?=_|$)", f"_{unit.base}", exported), unit.factor
