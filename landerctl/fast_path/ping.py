"""Pings a dead-man service, such as healthchecks.io, when `check` runs.

`<url>/start` before the checks, `<url>` after a verdict of OK, `<url>/fail` after any other, with
the verdict's line as the body. Imported only for `--ping`: HTTP is slow to import.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from checks.verdict import Level
from daemon.base.paths import StatePaths
from daemon.base.secrets.redaction import hide, redact
from daemon.base.secrets.secret_file import SecretFileError, read_secret_file
from daemon.config import ConfigError
from daemon.plugins.loading import load_with_plugins
from landerctl.config_file import sources_in_use

# Two pings and the checks share --timeout: each ping may take this share of it.
SHARE = 0.2


class Ping:
    """Pings one service. A failure is printed to standard error, never raised.

    The URL is a secret: error messages only name the file that contains it.
    """

    def __init__(self, timeout_s: float) -> None:
        self.limit_s = timeout_s * SHARE
        self._file: Path | None = None
        self._url = ""

    def start(
        self, paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]
    ) -> None:
        """Read the URL and signal the start of the checks."""
        try:
            self._file = _address_file(paths, explicit, environ)
            self._url = _read_address(self._file)
        except (ConfigError, _NoAddressError) as error:
            _warn(f"ping not sent: {error}")
            return
        self._send("/start", "")

    def finish(self, level: Level, line: str) -> None:
        """Send the verdict."""
        if self._url:
            self._send("" if level is Level.OK else "/fail", line)

    def _send(self, signal: str, body: str) -> None:
        # A thread, since a socket's time-out does not limit a name lookup or a slow answer.
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        post = threading.Thread(
            target=lambda: answers.put(_post(_with_path(self._url, signal), body, self.limit_s)),
            daemon=True,
        )
        post.start()
        try:
            problem = answers.get(timeout=self.limit_s)
        except queue.Empty:
            problem = _too_slow(self.limit_s)
        if problem:
            what = f"ping {signal}" if signal else "ping"
            _warn(f"{what} failed: {problem}; its URL is in {self._file}")


class _NoAddressError(Exception):
    """No URL to ping. The message is one line for the user."""


def _address_file(paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]) -> Path:
    """checks.ping_url_file of `check`'s configuration. Raises ConfigError, _NoAddressError."""
    sources = sources_in_use(paths, explicit, environ)
    named = load_with_plugins(sources).config.checks.ping_url_file
    if not named:
        raise _NoAddressError(
            f"{sources if sources.files else 'the configuration'}: checks.ping_url_file is not set"
        )
    return Path(named)


def _read_address(file: Path) -> str:
    why = "expected one line with the http or https URL to ping"
    try:
        address = read_secret_file(file).decode("ascii").strip()
        parts = urlsplit(address)
        one_word = address.isprintable() and " " not in address
        if one_word and parts.scheme in ("http", "https") and parts.hostname:
            hide([address])
            return address
    except SecretFileError as error:
        raise _NoAddressError(f"checks.ping_url_file: {error}") from None
    except ValueError:  # not ASCII or not a URL: `why` says what is expected
        pass
    raise _NoAddressError(f"checks.ping_url_file: {file}: {why}")


def _with_path(address: str, more: str) -> str:
    """The URL with `more` appended to its path, before a query such as `?create=1`."""
    parts = urlsplit(address)
    return parts._replace(path=parts.path.rstrip("/") + more).geturl()


def _post(url: str, body: str, limit_s: float) -> str:
    """A description of the problem, without the URL; empty if the ping was accepted."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "landerctl"}
    request = Request(url, body.encode(), headers)
    try:
        with urlopen(request, timeout=limit_s) as answer:
            reply = answer.read(100).decode("ascii", "replace").strip()
    except HTTPError as error:
        with error:
            return f"the service answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            return _too_slow(limit_s)
        return getattr(reason, "strerror", None) or type(reason).__name__
    # healthchecks.io answers 200 for a check that does not exist or is pinged too often.
    return (
        f"the service answered {reply}" if reply in ("OK (not found)", "OK (rate limited)") else ""
    )


def _too_slow(limit_s: float) -> str:
    return f"no answer within {limit_s:g} s"


def _warn(text: str) -> None:
    with suppress(OSError):
        print(f"landerctl: {redact(' '.join(text.split()))}", file=sys.stderr, flush=True)
