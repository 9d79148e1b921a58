from __future__ import annotations

import os

import pytest

from daemon.base.seat import named, seat


def test_the_host_of_an_ssh_session_the_terminal_and_another_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "getlogin", lambda: "anna")
    primary, secondary = os.openpty()
    terminal = os.ttyname(secondary)
    monkeypatch.setattr(os, "ttyname", lambda descriptor: terminal)
    shown = terminal.removeprefix("/dev/")
    ssh = {"SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22"}
    assert seat({}, "anna") == shown
    assert seat(ssh, "anna") == f"{shown}, ssh from 192.0.2.7"
    assert seat({"SSH_CLIENT": "2001:db8::7 50022 22"}, "root") == (
        f"login anna, {shown}, ssh from 2001:db8::7"
    )
    os.close(primary)
    os.close(secondary)


def test_a_visitor_of_the_web_server_is_named_by_the_browser_alone() -> None:
    environ = {"LANDERCTL_BROWSER": "192.0.2.9", "SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22"}
    assert seat(environ, "anna") == "browser 192.0.2.9"


def test_nothing_odd_of_the_environment_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getlogin", lambda: "anna")
    for text in ("", " ", "\x1b[2J", "\x07 22"):
        assert "ssh" not in seat({"SSH_CONNECTION": text}, "anna")
    assert len(seat({"SSH_CONNECTION": "a" * 5000}, "anna")) < 200


def test_the_name_in_events_and_incidents() -> None:
    assert named("anna", "") == "anna"
    assert named("anna", "pts/3") == "anna (pts/3)"
    assert named("anna", "browser 192.0.2.9", on_screen=True) == (
        "anna on the screen (browser 192.0.2.9)"
    )
