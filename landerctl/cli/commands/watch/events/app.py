"""The verbs of `events`, a file each."""

from __future__ import annotations

import typer

from landerctl.cli.commands.watch.events import export, listing

app = typer.Typer(
    help="List events: stages, checkpoints, alerts, crashes, rollbacks.",
    epilog=listing.EXAMPLES,
    invoke_without_command=True,
)
app.callback(invoke_without_command=True)(listing.events)
app.command("export", epilog=export.EXAMPLES)(export.export)
