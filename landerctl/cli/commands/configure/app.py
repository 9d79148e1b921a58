"""The verbs of `config`, a file each."""

from __future__ import annotations

import typer

from landerctl.cli.commands.configure import diff, edit, migrate, schema, show, validate
from landerctl.cli.shared.session import examples

EXAMPLES = examples(
    "landerctl config show --changed --origin",
    "landerctl config show ppo.desired_kl",
    "landerctl config validate",
    "landerctl config edit",
    "landerctl config diff defaults current",
    "landerctl config schema >config.schema.json",
)

app = typer.Typer(help="Show, check, compare, migrate and edit the configuration.", epilog=EXAMPLES)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("schema", epilog=schema.EXAMPLES)(schema.schema)
app.command("validate", epilog=validate.EXAMPLES)(validate.validate)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("migrate", epilog=migrate.EXAMPLES)(migrate.migrate_command)
app.command("edit", epilog=edit.EXAMPLES)(edit.edit)
