"""`landerctl events` without a verb of its own."""

from __future__ import annotations

import fnmatch
import sys
import time
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from daemon.base.text.one_line import one_line
from daemon.config.schema import Severity
from daemon.processes.ping import ping
from daemon.store.catalogs.event_catalog import CATALOGUE, is_routine
from daemon.store.reader import AT_LEAST, StoreError, StoreReader
from daemon.store.records import Event
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import find_run_id
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.shared.event_stream import follow
from landerctl.cli.shared.group_with_argument import verb_follows
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl events --limit 20",
    "landerctl events --follow --severity warning",
    "landerctl events --all --since 10min",
    "landerctl events --since 2h --severity critical",
    "landerctl events --name 'stage.*' --json | jq -r .text",
    "landerctl events export --output events.csv",
)
MARKS: dict[Severity, tuple[str, str]] = {
    "info": (" ", ""),
    "warning": ("!", "yellow"),
    "critical": ("X", "bold red"),
}


def events(
    context: typer.Context,
    *,
    keep_following: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for new events until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="Only events of this name, or matching this pattern; repeatable.",
            metavar="NAME",
            autocompletion=completer(words={n: kind.meaning for n, kind in CATALOGUE.items()}),
        ),
    ] = None,
    show_all: Annotated[
        bool,
        typer.Option(
            "--all", help="Also routine events, as of each checkpoint and backup; --name shows its."
        ),
    ] = False,
    severity: Annotated[Severity, typer.Option(help="Only events at least this severe.")] = "info",
    limit: Annotated[int, typer.Option(help="Number of newest events.", min=1)] = 50,
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
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List events: stages, checkpoints, alerts, crashes, rollbacks."""
    if verb_follows(context):
        return Exit.OK
    session = open_session(context, home, config)
    names = _expand(name) if name else None
    routine = show_all or names is not None
    console = Console(highlight=False)
    now_s = time.time()
    since_s = moment(since, now_s) if since else None
    until_s = moment(until, now_s) if until else None

    def show(found: list[Event]) -> None:
        for event in found:
            if as_json:
                print(msgspec.json.encode(event).decode(), flush=True)
            else:
                console.print(_line(event), soft_wrap=True)

    try:
        with StoreReader.open(session.paths.store) as reader:
            if run is not None:
                run = find_run_id(session, run, [one.run_id for one in reader.sessions()])
            newest = reader.events(limit=1)
            found = reader.events(
                limit=limit,
                names=names,
                min_severity=severity,
                run_id=run,
                since_s=since_s,
                until_s=until_s,
                routine=routine,
            )
            show(found)
            if (asked := ping(session.paths)).store_problem:
                print(
                    f"landerctl: {asked.store_problem}; {len(asked.unwritten)} newer events are "
                    "in the daemon's memory only",
                    file=sys.stderr,
                )
                severities = AT_LEAST[severity]
                show(
                    [
                        event
                        for event in asked.unwritten
                        if (names is None or event.name in names)
                        and (routine or not is_routine(event))
                        and (run is None or event.run_id == run)
                        and event.severity in severities
                        and (since_s is None or event.time_s >= since_s)
                        and (until_s is None or event.time_s <= until_s)
                    ]
                )
            if keep_following:
                newest_id = (found or newest)[-1].id if newest else 0
                for found in follow(
                    reader,
                    newest_id,
                    names=names,
                    min_severity=severity,
                    run_id=run,
                    routine=routine,
                ):
                    show(found)
    except StoreError as error:
        text = f"{error}; the daemon's log has the events too: {session.paths.log}"
        raise Failure(text, Exit.UNKNOWN) from None
    return Exit.OK


def _expand(patterns: list[str]) -> list[str]:
    names: list[str] = []
    for pattern in patterns:
        matching = fnmatch.filter(CATALOGUE, pattern)
        if not matching:
            raise Failure(
                f"no event matches {pattern!r}; names are {', '.join(CATALOGUE)}", Exit.USAGE
            )
        names += matching
    return names


def _line(event: Event) -> Text:
    mark, style = MARKS[event.severity]
    at = datetime.fromtimestamp(event.time_s).strftime("%Y-%m-%d %H:%M:%S")
    return Text(f"{at} {mark} {one_line(event.name):<20} {one_line(event.text)}", style=style)
