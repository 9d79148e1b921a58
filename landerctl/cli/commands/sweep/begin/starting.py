"""Starts a sweep's coordinator, and says how to follow it."""

from __future__ import annotations

from daemon.sweeps.paths import SweepPaths
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.running import (
    Placement,
    become_coordinator,
    known_placement,
    start_coordinator,
    write_placement,
)
from landerctl.program import program


def begin(sweep: SweepPaths, placement: Placement, *, foreground: bool, quiet: bool = False) -> int:
    """Start it, and keep where it runs; returns its process id. Raises Failure.

    `foreground`: this process becomes it. `quiet`: say nothing.
    """
    if not sweep.placement.exists() or placement != known_placement(sweep):
        try:
            write_placement(sweep, placement)
        except OSError as error:
            where = error.filename or sweep.placement
            text = f"{where}: {error.strerror}; free space or check the disk"
            raise Failure(text, Exit.CANNOT_WRITE) from None
    if foreground:
        become_coordinator(sweep, placement)
    pid = start_coordinator(sweep, placement)
    if quiet:
        return pid
    name = program()
    print(f"Sweep {sweep.id} runs in the background, pid {pid}, in {sweep.folder}")
    print(f"Watch it with `{name} sweep status --watch`")
    print(f"Stop it with `{name} sweep stop {sweep.id}`")
    return pid
