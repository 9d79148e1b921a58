"""The verbs of `metrics`, a file each."""

from __future__ import annotations

import typer

from landerctl.cli.commands.watch.metrics import export, listing, push
from landerctl.cli.shared.group_with_argument import GroupWithArgument

app = typer.Typer(
    cls=GroupWithArgument,
    help="List a run's metrics with their newest values, or the values of one metric.",
    epilog=listing.EXAMPLES,
    invoke_without_command=True,
    subcommand_metavar="| COMMAND [ARGS]...",
)
app.callback(invoke_without_command=True)(listing.metrics)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("push", epilog=push.EXAMPLES)(push.push_command)
