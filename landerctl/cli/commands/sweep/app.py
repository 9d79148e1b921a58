"""`landerctl sweep` and its verbs."""

from __future__ import annotations

import typer

from landerctl.cli.arguments import from_declarations
from landerctl.cli.commands.sweep import remove, stop
from landerctl.cli.commands.sweep.begin import run
from landerctl.cli.commands.sweep.look import list_, show, status, tensorboard
from landerctl.cli.commands.sweep.look.status_options import SweepStatusOptions
from landerctl.cli.commands.sweep.results import best, compare, export, replay
from landerctl.cli.shared.session import examples

app = typer.Typer(
    help="Train many settings or seeds side by side, and find the best.",
    epilog=list_.EXAMPLES,
    invoke_without_command=True,
)
app.callback(invoke_without_command=True)(list_.list_)
app.command("run", epilog=run.EXAMPLES)(run.run)
app.command("list", epilog=list_.EXAMPLES)(list_.list_)
app.command(
    "status",
    help="Show a sweep: its trials, what they reached, the time left.",
    epilog=examples(
        "landerctl sweep status",
        "landerctl sweep status rates --watch",
        "landerctl sweep status --json | jq .counts",
    ),
)(from_declarations.command(SweepStatusOptions, status.run))
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("stop", epilog=stop.STOP_EXAMPLES)(stop.stop)
app.command("resume", epilog=stop.RESUME_EXAMPLES)(stop.resume)
app.command("best", epilog=best.EXAMPLES)(best.best)
app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("replay", epilog=replay.EXAMPLES)(replay.replay)
app.command("tensorboard", epilog=tensorboard.EXAMPLES)(tensorboard.tensorboard)
app.command("rm", epilog=remove.EXAMPLES)(remove.remove)
