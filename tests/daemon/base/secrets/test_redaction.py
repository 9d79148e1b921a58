"""What is left of a URL, and of known secrets, in a text for an output."""

from __future__ import annotations

import logging
import sys

import pytest

from daemon.base.secrets.redacted_log import RedactingFormatter, trace_text
from daemon.base.secrets.redaction import hide, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tgram://123:token/chat failed", "tgram://... failed"),
        ("mailto://user:pass@example.org", "mailto://..."),
        ("'ntfy://topic', next", "'ntfy://...', next"),
        (
            "https://hooks.example.org/T0/B1/token: refused",
            "https://hooks.example.org/...: refused",
        ),
        ("https://user:pass@example.org:8443/x", "https://example.org:8443/..."),
        ("HTTPS://user:pass@example.org", "https://example.org"),
        ("https://user:pa/ss@example.org/x", "https://..."),
        ("https://user:pa@ss@example.org/x", "https://example.org/..."),
        ("https://user:pa'ss@example.org/x", "https://example.org/..."),
        ("(https://example.org?token=1)", "(https://example.org/...)"),
        ("https://example.org#token", "https://example.org/..."),
        ("s3://key:secret@bucket/folder", "s3://bucket/..."),
        ("http://127.0.0.1:6006/", "http://127.0.0.1:6006/"),
        ("file:///mnt/disk/landers is", "file:///mnt/disk/landers is"),
        ("file:///mnt/disk?token", "file:///mnt/disk"),
        ("nothing: here / at all", "nothing: here / at all"),
    ],
)
def test_of_a_url_scheme_and_host_are_left(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


def test_known_secrets_are_replaced_but_no_short_words() -> None:
    hide(["opensesame-1", "a", "mailto://me:my pass word-1@host"])
    assert redact("opensesame-1, a cat") == "(hidden), a cat"
    assert redact("mailto://me:my pass word-1@host") == "(hidden)"
    assert redact("login with my pass word-1") == "login with (hidden)"


def test_a_log_line_and_its_traceback_are_redacted() -> None:
    try:
        raise ValueError("cannot reach tgram://t0ken/chat")
    except ValueError as error:
        fault, info = error, sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s", ("ntfy://t0ken",), info)
    line = RedactingFormatter("%(message)s").format(record)
    assert line.startswith("ntfy://...\nTraceback") and "t0ken" not in line
    assert "ValueError: cannot reach tgram://..." in trace_text(fault)
