from __future__ import annotations

import pytest

from landerctl.web.access import (
    COOKIE_LIFETIME_S,
    MOST_COOKIES,
    Access,
    is_loopback,
    proxy_origin,
    visitor,
)

PROXY = "https://lander.example.org"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8600", "localhost:8600", "LOCALHOST", "[::1]:8600", "127.0.0.1:9000"]
)
def test_loopback_is_answered_under_its_own_names(host: str) -> None:
    assert Access("t", None).accepts_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example:8600", "127.0.0.1.evil.example", "localhost.evil.example:8600", "10.0.0.1"],
)
def test_a_name_that_was_made_to_point_here_is_not(host: str) -> None:
    assert not Access("t", None).accepts_host(host)
    assert not Access("t", PROXY).accepts_host(host)


def test_behind_a_proxy_only_its_name_is_answered() -> None:
    access = Access("t", PROXY)
    assert access.accepts_host("lander.example.org") and access.accepts_host("Lander.Example.org")
    assert not access.accepts_host("127.0.0.1:8600")
    assert access.origin("lander.example.org") == PROXY
    assert access.cookie_name.startswith("__Host-")
    assert Access("t", None).origin("localhost:8600") == "http://localhost:8600"


def test_tokens_and_cookies() -> None:
    access = Access("secret", None)
    assert access.accepts_token("secret")
    assert not any(map(access.accepts_token, ("", "Secret", "secret ", "sécret", "\ud800")))
    cookie = access.new_cookie(1000.0)
    assert access.accepts_cookie(cookie, 1000.0 + COOKIE_LIFETIME_S - 1.0)
    assert not access.accepts_cookie(cookie, 1000.0 + COOKIE_LIFETIME_S)
    assert not any(access.accepts_cookie(one, 1000.0) for one in (None, "", "secret", "\ud800"))
    assert not Access("secret", None).accepts_cookie(cookie, 1000.0)
    for _ in range(MOST_COOKIES):
        access.new_cookie(1000.0)
    assert not access.accepts_cookie(cookie, 1000.0)


def test_servers_on_two_ports_do_not_share_a_cookie() -> None:
    assert Access("one", None).cookie_name != Access("two", None).cookie_name


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (PROXY, PROXY),
        ("https://Lander.example.org/", PROXY),
        ("https://lander.example.org:443", PROXY),
        ("https://lander.example.org:8443", "https://lander.example.org:8443"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("http://lander.example.org", None),
        ("lander.example.org", None),
        ("https://lander.example.org/screen", None),
        ("https://anna@lander.example.org", None),
        ("https://lander.example.org:many", None),
        ("https://", None),
    ],
)
def test_a_proxy_is_named_by_its_origin(text: str, origin: str | None) -> None:
    assert proxy_origin(text) == origin


def test_loopback_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "", "lander.example.org")))


def test_a_visitor_cannot_choose_its_address() -> None:
    assert visitor("127.0.0.1", None) == "127.0.0.1"
    assert visitor("127.0.0.1", "192.0.2.7") == "192.0.2.7"
    assert visitor("127.0.0.1", "10.6.6.6, 192.0.2.7") == "192.0.2.7"
    assert visitor("127.0.0.1", "192.0.2.7, \x1b[2J") == "unknown"
    assert visitor(None, None) == "unknown"
