"""`landerctl tui` for a plain command line too, without Typer and the other verbs.

They would lie in memory beside the screen for days: 18 MB, and 0.25 s of CPU time at each start.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon.base.paths import state_paths
from daemon.base.seat import BROWSER_VARIABLE
from landerctl.config_file import require_named_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

PLAIN = "`landerctl tui --plain` prints the same as lines"


def launch(home: Path | None, config: Sequence[Path], *, read_only: bool = False) -> Exit:
    """Show the screen until the operator leaves it.

    Raises Failure if there is no terminal, or the named configuration file does not exist.
    """
    paths = state_paths(home, os.environ)
    require_named_config(paths, config, os.environ)
    in_browser = BROWSER_VARIABLE in os.environ  # its terminal is at the other end of two pipes
    if not in_browser and not all(
        stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    ):
        raise Failure(
            f"tui needs a terminal; {PLAIN}, `landerctl status` is for scripts", Exit.USAGE
        )
    if not in_browser and os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise Failure(f"tui cannot draw on this terminal (TERM=dumb); {PLAIN}", Exit.USAGE)
    # Textual takes long to import; only this verb needs it.
    from landerctl.tui.app import run as run_screen  # noqa: PLC0415

    gc.freeze()  # what was imported stays: a collection of it takes 30 ms
    gc.enable()
    return run_screen(paths.home, config, read_only=read_only)
