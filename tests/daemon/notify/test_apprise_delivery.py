"""Why a delivery failed, by what apprise and its libraries write; without the address."""

from __future__ import annotations

import pytest

from daemon.notify.apprise_delivery import reason

POOL = "Socket Exception: HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Failed to send JSON notification: Page Not Found., error=404.",
            "the service answered HTTP 404 Not Found",
        ),
        ("Failed to send ntfy notification: error=799.", "the service answered HTTP 799"),
        (
            f"{POOL}t0ken (Caused by NewConnectionError('x: Failed to establish a new connection: "
            "[Errno 111] Connection refused'))",
            "Connection refused",
        ),
        (
            f"{POOL}t0ken (Caused by NameResolutionError(\"x: Failed to resolve 't0ken' "
            '([Errno -2] Name or service not known)"))',
            "Name or service not known",
        ),
        (
            f"{POOL}t0ken (Caused by SSLError(SSLCertVerificationError(1, '[SSL: "
            "CERTIFICATE_VERIFY_FAILED] certificate verify failed')))",
            "its certificate cannot be verified",
        ),
        (f"{POOL}t0ken: Read timed out. (read timeout=4.0)", "it does not answer in time"),
        (
            "Socket Exception: (535, b'5.7.8 t0ken authentication failed')",
            "the mail server answered 535",
        ),
        ("A Connection error occurred sending to t0ken", "the service refused it"),
    ],
)
def test_the_reason_is_given_without_the_address(message: str, expected: str) -> None:
    assert reason(["JSON POST URL: https://h/t0ken", message]) == expected
