"""`landerctl tui`."""

from __future__ import annotations

import sys

import typer

from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples("landerctl tui", "ssh -t server landerctl tui")


def tui(context: typer.Context, home: Home = None, config: ConfigFile = None) -> int:
    """Show the run full-screen; back up with b, roll back with r, leave with q."""
    session = open_session(context, home, config)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            "tui needs a terminal; use `landerctl status` or `landerctl events` in scripts",
            Exit.USAGE,
        )
    # Textual takes long to import; only this verb needs it.
    from landerctl.tui.app import run  # noqa: PLC0415

    return run(session.paths.home, session.config_file)
