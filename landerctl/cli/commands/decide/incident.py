"""`landerctl incident list`, `show`, `open` and `close`."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from checks.checklist.facts import Facts
from checks.checklist.gather import incident_log_of
from checks.checklist.incidents import KIND, Incident, incidents
from checks.checklist.ledger.ledger import LedgerError
from checks.checklist.ledger.record import Entry
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.rollback import incidents as log
from daemon.rollback.incident_log import incident_id, local_time
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.ledger import add_record, cannot_write, facts_of, this_user, with_record
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.decision.incidents import close_incident

EXAMPLES = examples(
    "landerctl incident list",
    "landerctl incident show 20261129-064512",
    "landerctl incident open 'power cut'",
    "landerctl incident close 20261129-064512 --cause 'a log that was never rotated'",
)
app = typer.Typer(
    help="List incidents, open one, and close one with its cause.",
    epilog=EXAMPLES,
    no_args_is_help=True,
)
Id = Annotated[
    str,
    typer.Argument(help="The incident's id.", metavar="ID", autocompletion=completer("incidents")),
]
By = Annotated[
    str | None, typer.Option(help="Who (default: you).", metavar="NAME", show_default=False)
]


@app.command("list")
def list_(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List the incidents, the oldest first."""
    session = open_session(context, home, config)
    found = _incidents(session, facts_of(session))
    shown = [one for one in found if one.closed_s is None or not only_open]
    if as_json:
        print(msgspec.json.encode(shown).decode())
        return Exit.OK
    for one in shown:
        print(f"{'open' if one.closed_s is None else 'closed':<6} {one.id:<17} {_title(one)}")
    open_count = sum(one.closed_s is None for one in found)
    print(f"{counted(len(found), 'incident')}, {open_count} open")
    return Exit.OK


@app.command()
def show(
    context: typer.Context,
    id_: Id,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show one incident whole."""
    session = open_session(context, home, config)
    one = _find(session, facts_of(session), id_)
    if as_json:
        print(msgspec.json.encode(one).decode())
        return Exit.OK
    print(f"{one.id}: {_title(one)}")
    if one.time_s is not None:
        print(f"- Time: {local_time(one.time_s)}")
    for line in one.text.splitlines():
        print(one_line(line))
    if one.closed_s is None:
        print(f"open; close it: `landerctl incident close {one.id} --cause TEXT`")
    else:
        print(f"closed {local_time(one.closed_s)} by {one.by}. Cause: {one_line(one.cause)}")
    return Exit.OK


@app.command("open")
def open_(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What happened, in one line.", metavar="TITLE")],
    *,
    by: By = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Open an incident: it is NO-GO until it is closed."""
    if not title.strip():
        raise Failure("the title is empty", Exit.USAGE)
    session = open_session(context, home, config)
    facts = facts_of(session)
    known = {one.id for one in _incidents(session, facts)}
    now_s = time.time()
    while incident_id(now_s) in known:
        now_s += 1.0  # an id is a second's
    who, title = one_line(by or this_user()), one_line(title.strip())
    entry = Entry(
        kind=KIND,
        subject=incident_id(now_s),
        time_s=now_s,
        address=facts.address,
        holds=False,
        text=title,
        by=who,
    )
    record = add_record(session.paths, entry)
    _log(session, log.opened(now_s, title, who, facts.address.run))
    return _say(session, with_record(facts, record), entry.subject, as_json)


@app.command()
def close(
    context: typer.Context,
    id_: Id,
    *,
    cause: Annotated[str, typer.Option(help="Why it happened.", metavar="TEXT")],
    by: By = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Close an incident, with its cause."""
    if not cause.strip():
        raise Failure("the cause is empty", Exit.USAGE)
    session = open_session(context, home, config)
    facts = facts_of(session)
    one = _find(session, facts, id_)
    if one.closed_s is not None:
        raise Failure(f"{one.id}: {one.by} has closed it at {local_time(one.closed_s)}")
    who, cause = one_line(by or this_user()), one_line(cause.strip())
    try:
        record = close_incident(
            session.paths, facts.address, one.id, cause=cause, by=who, now_s=time.time()
        )
    except LedgerError as error:
        raise Failure(str(error), Exit.DAMAGED) from None
    except OSError as error:
        raise cannot_write(error, session.paths) from None
    return _say(session, with_record(facts, record), one.id, as_json)


def _log(session: Session, text: str) -> None:
    try:
        log.append(session.paths.incidents, text)
    except OSError as error:
        raise cannot_write(error, session.paths) from None


def _say(session: Session, facts: Facts, id_: str, as_json: bool) -> int:
    """What became of it. `facts`: as collected, with its record, but before it was logged."""
    logged = incident_log_of(session.paths)
    one = _find(session, msgspec.structs.replace(facts, incident_log=logged), id_)
    if as_json:
        print(msgspec.json.encode(one).decode())
    else:
        state = "open" if one.closed_s is None else f"closed by {one.by}"
        print(f"{one.id} is {state}: {_title(one)}")
    return Exit.OK


def _incidents(session: Session, facts: Facts) -> list[Incident]:
    found = incidents(facts)
    if found is None:
        text = f"{session.paths.incidents}: cannot be read; it must be a file of yours"
        raise Failure(text, Exit.CANNOT_WRITE)
    return found


def _find(session: Session, facts: Facts, id_: str) -> Incident:
    for one in _incidents(session, facts):
        if one.id == id_:
            return one
    raise Failure(f"no incident {id_!r}; `landerctl incident list` lists them", Exit.NOT_FOUND)


def _title(one: Incident) -> str:
    return one_line(one.title)
