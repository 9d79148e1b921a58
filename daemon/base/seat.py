"""From where a user asks: login name, terminal, host of the SSH session, or browser.

It is what the asking process's environment says, for those who read an incident later: it proves
nothing. What the kernel says of a request is the user that it came from.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from daemon.base.user import user_name

# Set for the screens that `landerctl web` starts: the address of the visitor's browser.
BROWSER_VARIABLE = "LANDERCTL_BROWSER"
_LONGEST_HOST = 64


def seat(environ: Mapping[str, str], user: str) -> str:
    """Such as ``pts/3, ssh from 192.0.2.7``; empty if nothing is known.

    `user`: the name that stands beside it; the login's is said where it differs (su, sudo).
    """
    if browser := environ.get(BROWSER_VARIABLE):
        return f"browser {_host(browser)}"
    login, terminal = _login_name(), _terminal()
    host = _host(environ.get("SSH_CONNECTION") or environ.get("SSH_CLIENT") or "")
    parts = (
        f"login {login}" if login not in ("", user) else "",
        terminal.removeprefix("/dev/"),
        f"ssh from {host}" if host else "",
    )
    return ", ".join(part for part in parts if part)


def named(user: str, place: str, *, on_screen: bool = False) -> str:
    """A user with where that one asks, as events and incidents name them: the one way."""
    return f"{user}{' on the screen' if on_screen else ''}{f' ({place})' if place else ''}"


def asker(environ: Mapping[str, str]) -> str:
    """Who runs this command, and where: for one that acts without a daemon."""
    user = user_name(os.getuid())
    return named(user, seat(environ, user))


def _host(text: str) -> str:
    """The first word: sshd writes ``address port ...``."""
    first = (text.split() or [""])[0]
    return first[:_LONGEST_HOST] if first.isprintable() else ""


def _login_name() -> str:
    try:
        return os.getlogin()
    except OSError:  # no terminal, and no session that the kernel knows
        return ""


def _terminal() -> str:
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor)
        except OSError:
            continue
    return ""
