"""A trial's epoch: the number of its newest placement, which fences off every older one.

It is in a file of the trial's home, written before anything else is done there. Whoever has an
older epoch than the file's must not touch the home: another process runs the trial.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from daemon.base.files import write_atomically

FILE, LOCK = "trial-epoch", "trial-epoch.lock"


class FencedOffError(Exception):
    """Another placement of this trial is newer. The message is one line for the user."""


def take_epoch(home: Path, epoch: int) -> None:
    """Make `epoch` the home's; the same one again changes nothing.

    On the disk when it returns. Raises FencedOffError if the home's is newer, OSError.
    """
    lock = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held for one write only
        check_epoch(home, epoch)
        if read_epoch(home) != epoch:
            write_atomically(home / FILE, b"%d\n" % epoch)
    finally:
        os.close(lock)


def check_epoch(home: Path, epoch: int) -> None:
    """Raises FencedOffError if the home's epoch is newer than `epoch`, OSError."""
    newest = read_epoch(home)
    if newest > epoch:
        raise FencedOffError(
            f"{home}: fenced off: placement {newest} of this trial is newer than {epoch}"
        )


def read_epoch(home: Path) -> int:
    """The home's epoch; 0 if it has none. Raises OSError, FencedOffError if it is damaged."""
    try:
        text = (home / FILE).read_bytes().strip()
    except FileNotFoundError:
        return 0
    if not text.isdigit():
        raise FencedOffError(
            f"{home / FILE}: is damaged; write the trial's epoch into it (`landerctl sweep show`)"
        )
    return int(text)
