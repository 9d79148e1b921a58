"""Which machine this is."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

_ID = Path("/etc/machine-id")


def machine_name() -> str:
    """The host's name and a short digest of its machine id, which no other host has."""
    try:
        identity = _ID.read_bytes().strip()
    except OSError:
        identity = b""
    # The id itself must not be published (machine-id(5)).
    return f"{platform.node()}-{hashlib.sha256(b'landerctl' + identity).hexdigest()[:8]}"
