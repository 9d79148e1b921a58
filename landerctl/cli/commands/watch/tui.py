"""`landerctl tui`."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated

import typer

from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl tui", "ssh -t server landerctl tui", "landerctl tui --plain    for a screen reader"
)
PLAIN = "`landerctl tui --plain` prints the same as lines"


def tui(
    context: typer.Context,
    *,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Print what the screen shows as lines, then each change as a line: for screen "
            "readers and for terminals that only print.",
        ),
    ] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the run full-screen; back up with b, roll back with r, leave with q."""
    session = open_session(context, home, config)
    if plain:
        from landerctl.tui.data.reader import SnapshotReader  # noqa: PLC0415
        from landerctl.tui.plain import run_plain  # noqa: PLC0415

        return run_plain(
            SnapshotReader(
                session.paths, session.config_file, now=time.time, monotonic=time.monotonic
            )
        )
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise Failure(
            f"tui needs a terminal; {PLAIN}, `landerctl status` is for scripts", Exit.USAGE
        )
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise Failure(f"tui cannot draw on this terminal (TERM=dumb); {PLAIN}", Exit.USAGE)
    # Textual takes long to import; only this verb needs it.
    from landerctl.tui.app import run  # noqa: PLC0415

    return run(session.paths.home, session.config_file)
