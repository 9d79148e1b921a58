"""`landerctl check --ping`: the service is pinged, and never affects the verdict."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from tests.landerctl.operator_side import SCRIPT, fill_store, landerctl, lock_held, make_run

OK, WARNING, CRITICAL, UNKNOWN = range(4)
SECRET = "/c0ffee-token"


class Service:
    """A dead-man service that records its pings and gives configured answers."""

    def __init__(self) -> None:
        self.reported: list[tuple[str, str]] = []  # path and body
        self.code, self.text = 200, "OK"
        self.hangs = self.trickles = False
        self._released = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                service.reported.append((self.path, body))
                if service.hangs:
                    service._released.wait()
                while service.trickles and not service._released.wait(0.1):
                    self.wfile.write(b"X")
                self.send_response(service.code)
                self.end_headers()
                self.wfile.write(service.text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{SECRET}"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._released.set()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    # Handlers write to clients that have disconnected.
    service.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    yield service
    service.close()


def configure(home: Path, address: str | None) -> Path:
    """A state folder with ping configured; None: the file with the URL is missing."""
    (home / "config.toml").write_text('[checks]\nping_url_file = "address"\n')
    file = home / "address"
    if address is not None:
        file.write_text(address)
        file.chmod(0o600)
    return file


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def test_an_ok_verdict_is_pinged_after_the_start(tmp_path: Path, service: Service) -> None:
    configure(tmp_path, service.url + "/?create=1\n")
    fill_store(tmp_path, make_run(tmp_path).id)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "check", "daemon", "--ping", "--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (OK, "", "")
    (start, nothing), (end, line) = service.reported
    assert (start, nothing) == (f"{SECRET}/start?create=1", "")
    assert end == f"{SECRET}?create=1"
    assert line.startswith("LANDERCTL OK - daemon: running for 2 h")


def test_a_dead_daemon_is_pinged_as_a_failure(tmp_path: Path, service: Service) -> None:
    configure(tmp_path, service.url)
    fill_store(tmp_path)
    ended = landerctl(tmp_path, "check", "--ping")
    assert (ended.returncode, ended.stderr) == (CRITICAL, "")
    assert [path for path, _ in service.reported] == [f"{SECRET}/start", f"{SECRET}/fail"]
    assert service.reported[1][1] == ended.stdout.strip()


def test_cron_needs_no_environment(tmp_path: Path, service: Service) -> None:
    configure(tmp_path, service.url)
    ended = subprocess.run(
        ["env", "-i", str(SCRIPT), "check", "--ping", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (UNKNOWN, "")
    assert len(service.reported) == 2


def test_a_hanging_disk_is_pinged_as_unknown_in_time(tmp_path: Path, service: Service) -> None:
    configure(tmp_path, service.url)
    os.mkfifo(StatePaths(tmp_path).store)
    config = str(tmp_path / "config.toml")
    ended = landerctl(tmp_path, "check", "--ping", "--timeout", "2", "--config", config)
    assert ended.returncode == UNKNOWN
    path, line = service.reported[-1]
    assert path == f"{SECRET}/fail"
    assert line == ended.stdout.strip()
    assert "no answer within 1.6 s" in line


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (404, "not found", "the service answered 404"),
        (500, "", "the service answered 500"),
        (200, "OK (not found)", "the service answered OK (not found)"),
    ],
)
def test_a_refused_ping_is_reported_without_the_url(
    tmp_path: Path, service: Service, code: int, text: str, words: str
) -> None:
    file = configure(tmp_path, service.url)
    service.code, service.text = code, text
    fill_store(tmp_path, make_run(tmp_path).id)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "check", "daemon", "--ping", "--quiet")
    assert (ended.returncode, ended.stdout) == (OK, "")
    assert ended.stderr.splitlines() == [
        f"landerctl: {ping} failed: {words}; its URL is in {file}"
        for ping in ("ping /start", "ping")
    ]


def test_a_service_that_is_down(tmp_path: Path) -> None:
    file = configure(tmp_path, f"http://127.0.0.1:{free_port()}{SECRET}")
    ended = landerctl(tmp_path, "check", "disk", "--ping")
    assert ended.returncode == landerctl(tmp_path, "check", "disk").returncode
    assert ended.stdout.startswith("LANDERCTL ")
    assert "Connection refused" in ended.stderr
    assert str(file) in ended.stderr
    assert SECRET not in ended.stderr


@pytest.mark.parametrize("hangs", [True, False])
def test_a_slow_service_delays_no_longer_than_the_time_out(
    tmp_path: Path, service: Service, hangs: bool
) -> None:
    configure(tmp_path, service.url)
    service.hangs, service.trickles = hangs, not hangs
    fill_store(tmp_path)
    began_s = time.monotonic()
    ended = landerctl(tmp_path, "check", "--ping", "--timeout", "3")
    took_s = time.monotonic() - began_s
    assert 1.2 <= took_s < 3.0
    assert ended.returncode == CRITICAL
    assert ended.stdout.startswith("LANDERCTL CRITICAL - daemon: died")
    assert ended.stderr.count("no answer within 0.6 s") == 2
    assert SECRET not in ended.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (None, "No such file or directory"),
        ("", "expected one line with the http or https URL"),
        (f"ftp://127.0.0.1{SECRET}", "expected one line with the http or https URL"),
        (f"http://127.0.0.1{SECRET}\nmore\n", "expected one line with the http or https URL"),
        (f"http://[{SECRET}", "expected one line with the http or https URL"),
        (f"https://ä{SECRET}", "expected one line with the http or https URL"),
    ],
)
def test_a_file_without_a_url(tmp_path: Path, address: str | None, words: str) -> None:
    file = configure(tmp_path, address)
    ended = landerctl(tmp_path, "check", "disk", "--ping", "--quiet")
    assert ended.returncode == landerctl(tmp_path, "check", "disk").returncode
    assert ended.stderr.startswith(f"landerctl: ping not sent: checks.ping_url_file: {file}: ")
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert SECRET not in ended.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "the configuration: checks.ping_url_file is not set"),
        ("[checks]\n", "checks.ping_url_file is not set"),
        ("[checks]\nping_url_file = 5\n", "checks.ping_url_file = 5: expected str"),
    ],
)
def test_a_configuration_without_a_url_file(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "config.toml").write_text(text)
    ended = landerctl(tmp_path, "check", "store", "--ping")
    assert ended.returncode == UNKNOWN
    assert "LANDERCTL UNKNOWN - store: " in ended.stdout
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_closed_standard_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    configure(tmp_path, None)
    fill_store(tmp_path)
    ended = subprocess.run(
        [str(SCRIPT), "check", "--ping", "--home", str(tmp_path)], stderr=writing, check=False
    )
    os.close(writing)
    assert ended.returncode == CRITICAL


def test_without_ping_http_is_not_imported(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from landerctl.__main__ import execute\n"
        f"sys.argv = ['landerctl', 'check', '--home', {str(tmp_path)!r}, *sys.argv[1:]]\n"
        "execute()\n"
        "sys.exit('http.client' in sys.modules)\n"
    )
    for flags, loaded in (([], 0), (["--ping"], 1)):
        command = [sys.executable, "-c", script, *flags]
        assert subprocess.run(command, capture_output=True, check=False).returncode == loaded
