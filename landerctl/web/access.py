"""Who may open a screen: the token of the address, the cookie that replaces it, Host and Origin."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from urllib.parse import urlsplit

COOKIE_LIFETIME_S = 7 * 86_400.0
MOST_COOKIES = 100
_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?")


class Access:
    """The rules of one server. The token and the cookies are valid until it ends.

    `proxy`: the origin under which a proxy serves it, such as ``https://lander.example.org``;
    None: loopback only.
    """

    def __init__(self, token: str, proxy: str | None) -> None:
        self._token = token
        self._proxy = proxy
        self._cookies: dict[bytes, float] = {}  # by their digests: until when, oldest first
        # Cookies of one host are shared by all its ports: the name is the server's own.
        name = f"landerctl-{hashlib.sha256(token.encode()).hexdigest()[:8]}"
        self.cookie_name = f"__Host-{name}" if proxy else name

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach it by https."""
        return self._proxy is not None

    def accepts_host(self, host: str) -> bool:
        """Whether a request for this host is meant for us: another name may lead here too.

        With DNS rebinding a foreign page's own name points at 127.0.0.1.
        """
        if self._proxy is not None:
            return host.lower() == urlsplit(self._proxy).netloc
        return _LOOPBACK.fullmatch(host.lower()) is not None

    def origin(self, host: str) -> str:
        """The origin of our own pages, which alone may open a screen. `host`: accepted."""
        return self._proxy or f"http://{host.lower()}"

    def accepts_token(self, given: str) -> bool:
        """Whether this is the token; takes as long for any wrong one."""
        return secrets.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    def new_cookie(self, now_s: float) -> str:
        """A new cookie's value."""
        value = secrets.token_urlsafe(32)
        self._cookies[_digest(value)] = now_s + COOKIE_LIFETIME_S
        while len(self._cookies) > MOST_COOKIES:
            del self._cookies[next(iter(self._cookies))]
        return value

    def accepts_cookie(self, given: str | None, now_s: float) -> bool:
        """Whether we gave out this cookie's value, and it has not expired."""
        return given is not None and self._cookies.get(_digest(given), 0.0) > now_s


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at this host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_origin(text: str) -> str | None:
    """The origin in the address of a proxy; None if that is not ``https://NAME`` alone."""
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        return None
    rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme != "https" or not parts.hostname or rest:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"https://{name}" + (f":{port}" if port not in (None, 443) else "")


def visitor(peer: str | None, forwarded: str | None) -> str:
    """The address of a visitor: the one that the proxy added last to X-Forwarded-For, else `peer`.

    What stands before it came from the visitor.
    """
    last = (forwarded or "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last or peer or ""))
    except ValueError:
        return "unknown"


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
