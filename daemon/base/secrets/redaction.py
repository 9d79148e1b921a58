"""The one place that takes secrets out of a text for a terminal, a log, an event or a traceback.

Two ways, since neither is enough alone: secrets that this process has read are replaced wherever
they occur, and of every URL only the scheme and the host are kept, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "(hidden)"
# A shorter value is replaced nowhere: it would be found inside ordinary words.
MIN_SECRET_CHARACTERS = 6

# Their host is a name. In another service's URL, tgram://token/chat, it may be a token.
_HOST_IS_A_NAME = frozenset({"http", "https", "s3", "gs", "az"})
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>\S*)")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(:\d+)?")
_known: frozenset[str] = frozenset()


def hide(secrets: Iterable[str]) -> None:
    """Replace these values, and the passwords of those that are URLs, in all later texts."""
    global _known  # noqa: PLW0603 - what this process has read, for every text it writes
    found = {part for secret in secrets for part in (secret, password(secret))}
    _known |= {secret for secret in found if len(secret) >= MIN_SECRET_CHARACTERS}


def password(url: str) -> str:
    """The password in a URL; empty if there is none."""
    _, _, rest = url.partition("://")
    user_info, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    return user_info.partition(":")[2] if at else ""


def redact(text: str) -> str:
    """The text without known secrets, and with no more of a URL than scheme and host."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _URL.sub(_shortened, text) if "://" in text else text


def _shortened(match: re.Match[str]) -> str:
    scheme, whole = match["scheme"].lower(), match["rest"]
    if whole.startswith("..."):
        return match[0]  # redacted before
    rest = whole.rstrip(".,:;)'\"`>]}")  # of the sentence
    after = whole[len(rest) :]
    authority, path = re.fullmatch(r"([^/?#]*)(.*)", rest).groups()  # type: ignore[union-attr]
    if scheme == "file" and not authority:
        return f"file://{re.split('[?#]', path)[0]}{after}"  # the name of a local file
    host = authority.rpartition("@")[2]
    # A password with a slash in it looks like a port and a path.
    if scheme not in _HOST_IS_A_NAME or "@" in path or not _HOST.fullmatch(host):
        return f"{scheme}://...{after}"
    return f"{scheme}://{host}{'/...' if path.strip('/') else path}{after}"
