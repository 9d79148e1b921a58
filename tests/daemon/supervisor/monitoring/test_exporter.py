"""Reports to Prometheus and systemd."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families

from daemon.supervisor.monitoring.exposition import exported_as
from daemon.supervisor.sidecars.sd_notify import SystemdNotifier
from tests.daemon.harness import SPEED_LOW, Home, config_text
from tests.waiting import eventually


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("name", "exported", "scale"),
    [
        ("rollout/ep_rew_mean", "rollout_ep_rew_mean", 1.0),
        ("disk/free_gb", "disk_free_bytes", 1e9),
        ("disk/read_mb_s", "disk_read_bytes_per_second", 1e6),
        ("memory/growth_gb_per_day", "memory_growth_bytes_per_day", 1e9),
        ("landing/touchdown_speed_m_s", "landing_touchdown_speed_meters_per_second", 1.0),
        ("landing/distance_m", "landing_distance_meters", 1.0),
        ("time/trained_s", "time_trained_seconds", 1.0),
        ("temperature/hottest_c", "temperature_hottest_celsius", 1.0),
        ("gpu/0/memory_used_percent", "gpu_0_memory_used_percent", 1.0),
    ],
)
def test_names_and_units_are_those_of_prometheus(name: str, exported: str, scale: float) -> None:
    assert exported_as(name) == (f"landerctl_{exported}", scale)


def test_metrics_and_alerts_of_a_running_daemon(home: Home) -> None:
    port = free_port()
    config = config_text().replace("alerts = []", "") + SPEED_LOW
    home.config.write_text(config + f"[prometheus]\nenabled = true\nport = {port}\n")
    daemon = home.started()
    home.event("alert.firing")

    def scraped() -> dict[str, float] | None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            families = text_string_to_metric_families(answer.read().decode())
            values = {
                sample.name + (sample.labels.get("alert") or ""): sample.value
                for family in families
                for sample in family.samples
            }
        return values if values.get("landerctl_alert_statespeed-low") == 1.0 else None

    values = eventually(scraped, "the alert is served")
    assert values["landerctl_time_fps"] > 0.0
    assert values["landerctl_disk_free_bytes"] > 1e6
    assert values["landerctl_trainer_crashes_24h"] == 0.0
    assert values["landerctl_daemon_running"] == 1.0
    assert values["landerctl_heartbeat_timestamp_seconds"] > 1e9

    accept = {"Accept": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=accept)
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text = answer.read().decode()
    # The parser refuses what is not OpenMetrics: a missing "# EOF", names and types at odds.
    families = {family.name: family for family in parse_open_metrics(text)}  # type: ignore[no-untyped-call]
    assert families["landerctl_time_fps"].documentation.startswith("time/fps: environment steps")
    [run] = families["landerctl_run"].samples
    assert run.labels["run_id"] == home.run.id
    home.stop(daemon)


def test_a_port_in_use_does_not_prevent_training(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home.config.write_text(config_text() + f"[prometheus]\nenabled = true\nport = {port}\n")
        home.stop(home.started())


def test_systemd_gets_ready_and_stopping(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(5.0)
        service = SystemdNotifier({"NOTIFY_SOCKET": str(address)})
        service.ready()
        service.stopping()
        assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]


def test_without_systemd_nothing_is_sent() -> None:
    SystemdNotifier({}).ready()
    SystemdNotifier({"NOTIFY_SOCKET": "/nowhere/at/all"}).ready()
