"""`landerctl config` and its verbs."""

from __future__ import annotations

import typer

from landerctl.cli.commands.configure import schema, show
from landerctl.cli.shared.session import examples

EXAMPLES = examples(
    "landerctl config show --changed",
    "landerctl config show ppo.desired_kl",
    "landerctl config schema >config.schema.json",
)

app = typer.Typer(help="Show and check the configuration.", epilog=EXAMPLES, no_args_is_help=True)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("schema", epilog=schema.EXAMPLES)(schema.schema)
