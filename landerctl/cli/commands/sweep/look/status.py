"""`landerctl sweep status`. Without Typer, so that it starts as fast as `landerctl status`."""

from __future__ import annotations

import os
import shutil
import sys
from threading import Event

import msgspec

from daemon.base.paths import state_paths
from landerctl.cli.commands.sweep.look.status_lines import status_lines
from landerctl.cli.commands.sweep.look.status_options import SweepStatusOptions
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep
from landerctl.operations.sweeps.read import status_of
from landerctl.operations.sweeps.status import SweepState

_CLEAR = "\x1b[H\x1b[2J"
MOST = 40  # trials of a sweep that is listed whole
CODES: dict[SweepState, Exit] = {
    "new": Exit.NOT_RUNNING,
    "running": Exit.OK,
    "paused": Exit.OK,
    "stopped": Exit.NOT_RUNNING,
    "ended": Exit.OK,
    "dead": Exit.FAILED,
}


def run(options: SweepStatusOptions) -> int:
    """Print the status; the exit code says whether the sweep runs or has ended. Raises Failure."""
    if len(options.names) > 1:
        raise Failure(f"{options.names[1]}: one sweep at a time; omit it", Exit.USAGE)
    paths = state_paths(options.home, os.environ)
    sweep = find_sweep(paths, options.names[0] if options.names else None)
    pause = Event()
    while True:
        status = status_of(sweep, most=None if options.everything else MOST)
        if options.as_json:
            print(msgspec.json.encode(status).decode(), flush=True)
        else:
            terminal = sys.stdout.isatty()
            width = shutil.get_terminal_size().columns if terminal else None
            clear = _CLEAR if options.watch and terminal else ""
            print(clear + "\n".join(status_lines(status, width)), flush=True)
        if not options.watch or status.state not in ("running", "paused"):
            return CODES[status.state]
        pause.wait(options.interval_s)
