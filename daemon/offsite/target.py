"""A target: its URL, options and errors. Secrets do not leave this module.

A store's answer can echo what it was sent, tokens included. So no text of a store or of obstore is
ever passed on: errors are described in our own text.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, UnknownConfigurationKeyError
from obstore.store import LocalStore, from_url

from daemon.base.secrets.secret_file import SecretFileError, read_secret_file

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
    "kind: Connect": "cannot be reached",
    "redential": "credentials are missing or invalid",
    "not found": "an object was removed in the meantime",
}
_MEANING = {
    400: "HTTP 400: request rejected; check the options and the clock",
    401: "HTTP 401: unknown credentials",
    403: "HTTP 403: credentials refused, or without permission for this",
    404: "HTTP 404: no such bucket or container",
    503: "HTTP 503: overloaded",
    507: "HTTP 507: storage is full",
}


class OffsiteTargetError(Exception):
    """A target cannot be used now. The message is short and contains no secret."""


def open_target(url: str, options_file: Path | None) -> ObjectStore:
    """The store at a URL, with obstore's options from a TOML file and the environment.

    Sends no request yet. Raises OffsiteTargetError.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise OffsiteTargetError(f"url must begin with one of {known}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise OffsiteTargetError(
            "url must not contain a user, password or query; put secrets into options_file"
        )
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        # Never created: with an unmounted disk it would fill the disk below.
        if not folder.is_dir():
            raise OffsiteTargetError(f"{folder} is not a folder: is its disk mounted?")
        with translate_errors():
            return LocalStore(folder)
    options = read_options(options_file) if options_file else {}
    client: dict[str, Any] = {
        "timeout": timedelta(seconds=REQUEST_TIMEOUT_S),
        "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
        "allow_http": any(str(value).startswith("http://") for value in options.values()),
    }
    client |= options.pop(_CLIENT, {})
    # Valid options depend on the scheme; obstore rejects unknown ones.
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
    """Read options from a file with secrets. Raises OffsiteTargetError, without their values."""
    try:
        options = tomllib.loads(read_secret_file(path).decode())
    except SecretFileError as error:
        raise OffsiteTargetError(str(error)) from None
    except (ValueError, RecursionError):
        # Not only TOMLDecodeError: text that is not UTF-8 and huge integers raise others.
        raise OffsiteTargetError(f"{path}: is not TOML") from None
    client = options.get(_CLIENT, {})
    if not isinstance(client, Mapping):
        raise OffsiteTargetError(f"{path}: {_CLIENT} is not a table")
    for key, value in options.items():
        # obstore aborts the process if a client option is among the store's.
        if key in ("allow_http", "timeout", "connect_timeout") or key.startswith("proxy_"):
            raise OffsiteTargetError(f"{path}: {key} belongs in [{_CLIENT}]")
        if key != _CLIENT and not isinstance(value, str | bool):
            raise OffsiteTargetError(f"{path}: {key} is neither a string nor true or false")
    return options


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn obstore's exceptions into OffsiteTargetError."""
    try:
        yield
    except UnknownConfigurationKeyError:
        raise OffsiteTargetError("options_file contains an option unknown to obstore") from None
    except (BaseError, OSError, ValueError, TypeError) as error:
        raise OffsiteTargetError(describe_error(error)) from None


def describe_error(error: Exception) -> str:
    """Describe an error of obstore without quoting it."""
    text = str(error)
    # The status comes before the server's answer in the text.
    if status := _STATUS.search(text):
        code = int(status[1])
        return _MEANING.get(code, f"HTTP {code}")
    if number := _OS_ERROR.search(text):
        return os.strerror(int(number[1] or number[2]))
    if isinstance(error, TimeoutError) or "kind: Timeout" in text:
        return "no answer in time"
    found = [meaning for sign, meaning in _SIGNS.items() if sign in text]
    if isinstance(error, ValueError | TypeError):
        found.append("its options are invalid")
    return (found or ["connection lost, or an invalid answer"])[0]
