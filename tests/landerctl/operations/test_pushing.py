"""Pushing to a Pushgateway: a real HTTP server that reads what comes with Prometheus' parser."""

from __future__ import annotations

import base64
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from prometheus_client.parser import text_string_to_metric_families

from daemon.base.paths import StatePaths
from daemon.store.records import AlertRecord
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.pushing import Gateway, current, gateway_of
from tests.landerctl.operator_side import fill_store, landerctl, lock_held


class Receiver(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = 200
        self.requests: list[tuple[str, str, str, str]] = []  # verb, path, authorization, body

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = self.headers.get("Authorization", "")
        self.server.requests.append((self.command, self.path, given, body))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def gateway() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store as a daemon that trains writes it."""
    home, now_s = tmp_path / "home", time.time()
    home.mkdir()
    fill_store(home)
    with closing(StoreWriter.open(StatePaths(home).store)) as writer:
        writer.add_session(now_s - 9000, "run-1")
        writer.add_samples(now_s - 8000, {"eval/success_rate": 0.1}, timesteps=1)
        writer.add_samples(now_s - 60, {"time/fps": 900.0}, timesteps=2)
        writer.add_samples(now_s - 50, {"time/fps": 1000.0}, timesteps=3)
        writer.add_samples(now_s - 40, {"disk/free_gb": 2.5})
        writer.put_alerts(
            [
                AlertRecord(
                    name="disk-low",
                    state="firing",
                    since_s=now_s,
                    value=2.5,
                    metric="disk/free_gb",
                    comparison="below",
                    threshold=10.0,
                    severity="critical",
                    summary="",
                )
            ]
        )
    return home


def push(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return landerctl(home, "metrics", "push", *arguments)


def received(body: str) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_the_values_of_a_running_daemon(home: Path, gateway: Receiver) -> None:
    with lock_held(home):
        ended = push(home, gateway.url, "--instance", "bench/2")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"Pushed 2 metrics to {gateway.url}, job landerctl, instance bench/2\n"
    [(verb, path, authorization, body)] = gateway.requests
    # A slash in a value is sent in base64: the Pushgateway's documentation.
    encoded = base64.urlsafe_b64encode(b"bench/2").decode()
    assert (verb, authorization) == ("PUT", "")
    assert path == f"/metrics/job/landerctl/instance@base64/{encoded}"
    values = received(body)
    assert values["landerctl_time_fps"] == 1000.0
    assert values["landerctl_disk_free_bytes"] == 2.5e9
    assert values["landerctl_alert_state"] == values["landerctl_daemon_running"] == 1.0
    assert time.time() - values["landerctl_heartbeat_timestamp_seconds"] < 600.0
    # Of an earlier daemon.
    assert "landerctl_eval_success_rate" not in values


def test_what_the_newest_round_lacks_has_no_value(home: Path) -> None:
    paths, now_s = StatePaths(home), time.time()
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.add_samples(now_s - 30, {"cpu/machine_percent": 9.0, "memory/trainer_bytes": 1e9})
        writer.add_samples(now_s - 20, {"cpu/machine_percent": 1.0, "disk/free_gb": 2.0})
    with lock_held(home):
        values = current(paths, paths.backups).values
    assert values["cpu/machine_percent"] == 1.0
    assert values["disk/free_gb"] == 2.0
    assert "memory/trainer_bytes" not in values
    assert values["time/fps"] == 1000.0  # the trainer still reports


def test_without_a_daemon_no_old_values_are_sent(home: Path, gateway: Receiver) -> None:
    assert "that no daemon runs" in push(home, gateway.url, "--job", "moon").stdout
    [(_, path, _, body)] = gateway.requests
    assert path.startswith("/metrics/job/moon/instance/")
    values = received(body)
    assert values["landerctl_daemon_running"] == 0.0
    assert not {"landerctl_time_fps", "landerctl_alert_state", "landerctl_trainer_state"} & {
        *values
    }
    assert "landerctl_heartbeat_timestamp_seconds" not in values


def test_a_password_comes_from_a_file_and_is_not_shown(home: Path, gateway: Receiver) -> None:
    file = home / "url"
    file.write_text(gateway.url.replace("//", "//me:s3cret%21@") + "/gw/\n")
    file.chmod(0o600)
    for answer, code in ((200, Exit.OK), (401, Exit.NO_ANSWER)):
        gateway.answer = answer
        ended = push(home, "--url-file", str(file))
        assert ended.returncode == code
        assert "s3cret" not in ended.stdout + ended.stderr
    assert "refused the metrics: 401" in ended.stderr
    _, path, authorization, _ = gateway.requests[0]
    assert path.startswith("/gw/metrics/job/landerctl/")
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"me:s3cret!"
    file.chmod(0o644)
    assert push(home, "--url-file", str(file)).returncode == Exit.NOT_FOUND


def test_a_password_in_the_arguments_is_refused() -> None:
    with pytest.raises(Failure, match="--url-file") as refused:
        gateway_of("http://me:s3cret@localhost:9091")
    assert refused.value.code == Exit.USAGE and "s3cret" not in str(refused.value)
    assert gateway_of("https://localhost/push/") == Gateway("https://localhost/push")
    wrong = ("", "localhost:9091", "ftp://localhost", "http://", "http://a:x", "http://a/?b=c")
    for text in (*wrong, "http://a/\u00e4"):
        with pytest.raises(Failure, match="expected the address"):
            gateway_of(text)


def test_a_gateway_that_does_not_answer(home: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        ended = push(home, url, "--timeout", "0.5")
    assert (ended.returncode, ended.stderr.count("\n")) == (Exit.NO_ANSWER, 1)
    assert f"the Pushgateway at {url} does not answer: nothing within 0.5 s" in ended.stderr
    assert push(home, "http://a..b").returncode == Exit.NO_ANSWER
    for text in ("nan", "inf"):
        assert push(home, url, "--timeout", text).returncode == Exit.USAGE
    refused = push(home, url)
    assert "does not answer: Connection refused" in refused.stderr
