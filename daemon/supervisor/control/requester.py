"""Who asks, and from where, as events and incidents.md name it."""

from __future__ import annotations

import msgspec

from daemon.protocol.control import PingRequest, Request, SendReviewRequest, TestNotifyRequest


def identified(request: Request, peer: str) -> Request:
    """The request with its user as the kernel knows it (`peer`), and from the screen if it is.

    The name that the client gives may come from its environment: both are named if they differ.
    """
    if isinstance(request, PingRequest | TestNotifyRequest | SendReviewRequest):
        return request
    user = peer if request.user in ("", peer) else f"{request.user} (as {peer})"
    if request.via == "screen":
        user += " on the screen"
    return msgspec.structs.replace(request, user=user)
