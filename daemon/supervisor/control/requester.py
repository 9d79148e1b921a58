"""Who asks, and from where, as events and incidents.md name it."""

from __future__ import annotations

import msgspec

from daemon.base.seat import named
from daemon.protocol.control import Request, Signed


def identified(request: Request, peer: str) -> Request:
    """The request with its user as the kernel knows it (`peer`), and from where that one asks.

    The name that the client gives may come from its environment: both are named if they differ.
    """
    if not isinstance(request, Signed):
        return request
    user = peer if request.user in ("", peer) else f"{request.user} (as {peer})"
    on_screen = request.via == "screen"
    return msgspec.structs.replace(request, user=named(user, request.place, on_screen=on_screen))
