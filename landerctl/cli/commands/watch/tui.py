"""`landerctl tui`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.tui.launch import launch

EXAMPLES = examples(
    "landerctl tui",
    "landerctl tui --read-only           watch, without a key that changes anything",
    "landerctl tui --plain               for a screen reader",
    "ssh -t server landerctl tui",
)


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
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Refuse every action that changes something.")
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
                session.paths, session.config_files, now=time.time, monotonic=time.monotonic
            )
        )
    return launch(session.paths.home, session.config_files, read_only=read_only)
