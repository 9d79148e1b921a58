"""`landerctl runs note`."""

from __future__ import annotations

from typing import Annotated

import typer

from landerctl.cli.arguments.named_run import NamedRun, named_run
from landerctl.cli.commands.decide.note import note_about
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session

EXAMPLES = examples(
    "landerctl runs note slow-ramp                its notes",
    "landerctl runs note slow-ramp 'gate 3 needs the wider ramp'",
)


def note(
    context: typer.Context,
    run: NamedRun,
    text: Annotated[
        str | None, typer.Argument(help="A note to add.", metavar="[TEXT]", show_default=False)
    ] = None,
    *,
    by: Annotated[
        str | None,
        typer.Option(help="Who writes it (default: you).", metavar="NAME", show_default=False),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the notes of a run, or add one.

    As `landerctl note` does for the current run.
    """
    session = open_session(context, home, config)
    return note_about(session, named_run(session, run), text, by=by, as_json=as_json)
