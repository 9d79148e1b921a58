"""`landerctl runs` and its verbs."""

from __future__ import annotations

import time

import msgspec
import typer

from landerctl.cli.commands.compare.runs.listing import show
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.summary import list_runs

EXAMPLES = examples(
    "landerctl runs",
    "landerctl runs --json | jq '.[].id'",
)

app = typer.Typer(
    help="List the runs of this state folder.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)


@app.callback(invoke_without_command=True)
def runs(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the runs of this state folder, the newest first."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    try:
        found = list_runs(session.paths)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        show(found, session.paths, time.time())
    return Exit.OK
