"""What `landerctl web` refuses to serve."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from landerctl.cli.app import run
from landerctl.cli.commands.watch import web
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "lander.example.org"])
def test_no_address_that_others_can_reach(host: str) -> None:
    with pytest.raises(Failure, match="SSH tunnel") as caught:
        run(["web", "--host", host])
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize("url", ["http://lander.example.org", "lander.example.org"])
def test_a_proxy_has_https(url: str) -> None:
    with pytest.raises(Failure, match="is not an address as https://") as caught:
        run(["web", "--behind-proxy", url])
    assert caught.value.code == Exit.USAGE


def test_without_its_packages_it_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "NEEDED", ("aiohttp", "no_such_package"))
    with pytest.raises(Failure, match=r"pip install 'landerctl\[web\]'"):
        run(["web"])


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"127.0.0.1:{port}: .*`--port 0` takes any free one"):
            run(["web", "--port", str(port)])
