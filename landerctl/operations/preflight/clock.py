"""Whether the wall clock is synchronised: by the kernel, or by systemd-timesyncd."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

STA_UNSYNC = 0x0040  # adjtimex(2)
_TIMESYNC = Path("/run/systemd/timesync/synchronized")


class _Timex(ctypes.Structure):
    """The first fields of `struct timex`, adjtimex(2); the rest only has to have room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def clock_synchronised() -> tuple[bool | None, str]:
    """Whether it is, and who says so; None: nobody can say. Changes nothing (modes = 0)."""
    if _TIMESYNC.exists():
        return True, "systemd-timesyncd"
    try:
        timex = _Timex()
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None, "this system has no adjtimex"
    if state < 0:
        return None, f"adjtimex: {os.strerror(ctypes.get_errno())}"
    return not timex.status & STA_UNSYNC, "the kernel (adjtimex)"
