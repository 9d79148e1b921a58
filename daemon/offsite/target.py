"""A target: where it is, how to sign in, and what its faults mean. Secrets stay in here.

What a store answers can hold what it was sent, tokens included. So no text of a store or of
obstore is ever passed on: a fault is told in words of our own.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, UnknownConfigurationKeyError
from obstore.store import LocalStore, from_url

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az", "file")
# For one request: 5 MB over 0.5 Mbit/s.
REQUEST_TIMEOUT_S = 90.0
CONNECT_TIMEOUT_S = 10.0
RETRIES = 2
RETRY_TIMEOUT_S = 60.0
_CLIENT = "client"
_OS_ERROR = re.compile(r"\(os error (\d+)\)|Os \{\s*code: (\d+)")
_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_SIGNS = {
    "kind: Connect": "it cannot be reached",
    "redential": "its credentials are missing or cannot be used",
    "not found": "what was just there is gone",
}
_MEANING = {
    400: "HTTP 400: it does not accept the request; see the options and the clock",
    401: "HTTP 401: it does not know these credentials",
    403: "HTTP 403: it refuses these credentials, or they may not do this",
    404: "HTTP 404: there is no such bucket or container",
    503: "HTTP 503: it is overloaded",
    507: "HTTP 507: it is full",
}


class OffsiteTargetError(Exception):
    """A target cannot be used now. The message is a few words without any secret."""


def open_target(url: str, options_file: Path | None) -> ObjectStore:
    """The store at a URL, with obstore's options from a TOML file and the environment.

    Nothing is asked of it yet. Raises OffsiteTargetError.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise OffsiteTargetError(f"its URL begins with none of {known}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise OffsiteTargetError(
            "its URL holds more than a place; what is secret goes to options_file"
        )
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        # Not created: where a disk is not mounted that would fill the disk below it.
        if not folder.is_dir():
            raise OffsiteTargetError(f"{folder} is no folder: is its disk mounted?")
        with translate_errors():
            return LocalStore(folder)
    options = read_options(options_file) if options_file else {}
    client: dict[str, Any] = {
        "timeout": timedelta(seconds=REQUEST_TIMEOUT_S),
        "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
        "allow_http": any(str(value).startswith("http://") for value in options.values()),
    }
    client |= options.pop(_CLIENT, {})
    # Which options there are depends on the scheme, and obstore says which it does not know.
    build: Callable[..., ObjectStore] = from_url
    with translate_errors():
        return build(
            url,
            config=options,
            client_options=client,
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_TIMEOUT_S),
            },
        )


def read_options(path: Path) -> dict[str, Any]:
    """Read options from a file of mode 0600. Raises OffsiteTargetError, without their values."""
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & 0o077:
                raise OffsiteTargetError(
                    f"{path}: others may read it (mode {mode:03o}); `chmod 600` it"
                )
            options = tomllib.load(stream)
    except OSError as error:
        raise OffsiteTargetError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        # Not TOMLDecodeError alone: text that is not UTF-8, integers of thousands of digits.
        raise OffsiteTargetError(f"{path}: is not TOML") from None
    client = options.get(_CLIENT, {})
    if not isinstance(client, Mapping):
        raise OffsiteTargetError(f"{path}: {_CLIENT} is not a table")
    for key, value in options.items():
        # obstore ends the process where one of its client's options stands among the store's.
        if key in ("allow_http", "timeout", "connect_timeout") or key.startswith("proxy_"):
            raise OffsiteTargetError(f"{path}: {key} belongs into [{_CLIENT}]")
        if key != _CLIENT and not isinstance(value, str | bool):
            raise OffsiteTargetError(f"{path}: {key} is neither a string nor true or false")
    return options


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn whatever obstore raises into OffsiteTargetError."""
    try:
        yield
    except UnknownConfigurationKeyError:
        raise OffsiteTargetError(
            "its options_file has an option that obstore does not know"
        ) from None
    except (BaseError, OSError, ValueError, TypeError) as error:
        raise OffsiteTargetError(describe_error(error)) from None


def describe_error(error: Exception) -> str:
    """What an error of obstore means, in words of our own."""
    text = str(error)
    # The head says which request failed; what the server answered comes later.
    if status := _STATUS.search(text):
        code = int(status[1])
        return _MEANING.get(code, f"HTTP {code}")
    if number := _OS_ERROR.search(text):
        return os.strerror(int(number[1] or number[2]))
    if isinstance(error, TimeoutError) or "kind: Timeout" in text:
        return "it does not answer in time"
    words = [describe_error for sign, describe_error in _SIGNS.items() if sign in text]
    if isinstance(error, ValueError | TypeError):
        words.append("its options cannot be used")
    return (words or ["the connection broke, or it answered what cannot be understood"])[0]
