"""`landerctl runs` and its verbs."""

from __future__ import annotations

import typer

from landerctl.cli.commands.compare.runs import list_

app = typer.Typer(
    help="List, name, tag, compare, archive and remove the runs of this state folder.",
    epilog=list_.EXAMPLES,
    invoke_without_command=True,
)
app.callback(invoke_without_command=True)(list_.list_)
app.command("list", epilog=list_.EXAMPLES)(list_.list_)
