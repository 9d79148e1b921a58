"""The priority of a process in a session of its own.

Where the kernel groups processes by session (autogroup, sched(7)), a niceness only counts within
its session, and the sessions share the processor by niceness of their own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LOWEST = 19


def set_priority(pid: int, niceness: int) -> None:
    """Give the leader of a session, and all that it starts, a niceness; none if it has ended.

    Raises OSError.
    """
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
    # There are no groups, or it was changed too often without privileges.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")


def pass_priority_on(pid: int) -> None:
    """Give the leader of a new session the niceness of this process. Raises OSError."""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    if niceness:
        set_priority(pid, niceness)
