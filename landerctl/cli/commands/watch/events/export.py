"""`landerctl events export`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from daemon.store.reader import StoreError, StoreReader
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import find_run_id
from landerctl.cli.arguments.tables import Format, Output, check_target, write
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.tables.destination import STANDARD_OUTPUT
from landerctl.operations.tables.events import events_table

EXAMPLES = examples(
    "landerctl events export --output events.csv",
    "landerctl events export --since 1d --format json | jq '.[].name'",
)


def export(
    context: typer.Context,
    *,
    run: Annotated[
        str | None,
        typer.Option(
            help="Only events of this run, by its id or name (default: of all).",
            metavar="RUN",
            autocompletion=completer("runs"),
            show_default=False,
        ),
    ] = None,
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    kind: Format = None,
    output: Output = STANDARD_OUTPUT,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Write all events as a table, routine ones too.

    A row an event; its facts are JSON in the column `body`.
    """
    session, now_s = open_session(context, home, config), time.time()
    kind = check_target(kind, output)
    since_s = moment(since, now_s) if since else None
    until_s = moment(until, now_s) if until else None
    try:
        with StoreReader.open(session.paths.store) as reader:
            if run is not None:
                run = find_run_id(session, run, [one.run_id for one in reader.sessions()])
            table = events_table(reader, run_id=run, since_s=since_s, until_s=until_s)
            write(table, kind, output)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    return Exit.OK
