"""`landerctl alerts` and its verbs."""

from __future__ import annotations

import getpass
import sys
import time
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
import typer

from daemon.base.identity import lock_is_held
from daemon.config.schema import AlertRule
from daemon.protocol.control import AcknowledgeRequest, SilenceRequest, TestNotifyRequest
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Sample, Status
from landerctl.cli.arguments.times import seconds
from landerctl.cli.commands.watch.alerts.details import described, gather
from landerctl.cli.commands.watch.alerts.listing import listed, newest_values
from landerctl.cli.commands.watch.alerts.listing import show as show_list
from landerctl.cli.shared.daemon_request import ask
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl alerts                             what fires, and every rule with its value",
    "landerctl alerts show disk-low               all that is known of it",
    "landerctl alerts ack disk-low --note 'cleaning up'",
    "landerctl alerts silence 'stage-*' --for 8h",
    "landerctl alerts test                        a test message to everyone in [notify]",
)

app = typer.Typer(
    help="List the alerts and what becomes of them; acknowledge or silence them.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)
Name = Annotated[str, typer.Argument(help="The alert's name.", metavar="ALERT")]
NoteText = Annotated[str, typer.Option(help="A few words for the others.", metavar="TEXT")]


@app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the alerts, those that fire first; acknowledge or silence them."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    rules, now_s = session.load_config().alerts, time.time()
    status, values, names = _newest(session, rules)
    entries = listed(rules, status, values, names, now_s)
    if as_json:
        print(msgspec.json.encode(entries).decode())
    else:
        _tell_of_no_daemon(session)
        show_list(entries, status, now_s)
    return Exit.OK


@app.command()
def show(
    context: typer.Context,
    name: Name,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show all that is known of an alert: its rule, its values, who knows of it, its events."""
    session = open_session(context, home, config)
    settings, now_s = session.load_config(), time.time()
    rule = next((r for r in settings.alerts if r.name == name), None)
    if rule is None:
        raise Failure(f"no alert is called {name!r}; see `landerctl alerts`", Exit.NOT_FOUND)
    try:
        with StoreReader.open(session.paths.store) as store:
            found = gather(store, rule, now_s)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _tell_of_no_daemon(session)
        print("\n".join(described(found, settings.notify.targets, now_s)))
    return Exit.OK


@app.command()
def ack(
    context: typer.Context,
    name: Name,
    note: NoteText = "",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Acknowledge an alert that fires: nobody is reminded of it until it fires anew."""
    print(
        ask(
            open_session(context, home, config), AcknowledgeRequest(name, getpass.getuser(), note)
        ).text
    )
    return Exit.OK


@app.command()
def silence(
    context: typer.Context,
    pattern: Annotated[str, typer.Argument(help="A name, or a pattern such as 'stage-*'.")],
    *,
    for_: Annotated[str, typer.Option("--for", help="For so long.", metavar="TIME")] = "1h",
    note: NoteText = "",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Notify nobody of these alerts for a time; they are judged and recorded all the same."""
    session = open_session(context, home, config)
    request = SilenceRequest(pattern, seconds(for_), getpass.getuser(), note)
    print(ask(session, request).text)
    if not any(fnmatchcase(rule.name, pattern) for rule in session.load_config().alerts):
        print("No alert is called so now; see `landerctl alerts`", file=sys.stderr)
    return Exit.OK


@app.command()
def unsilence(
    context: typer.Context,
    pattern: Annotated[str, typer.Argument(help="As it was silenced.")],
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """End a silence."""
    request = SilenceRequest(pattern, 0.0, getpass.getuser())
    print(ask(open_session(context, home, config), request).text)
    return Exit.OK


@app.command()
def test(context: typer.Context, home: Home = None, config: ConfigFile = None) -> int:
    """Send a test message to every target of [notify]."""
    print(ask(open_session(context, home, config), TestNotifyRequest()).text)
    return Exit.OK


def _tell_of_no_daemon(session: Session) -> None:
    if not lock_is_held(session.paths):
        print("No daemon runs here: nothing is judged", file=sys.stderr)


def _newest(
    session: Session, rules: list[AlertRule]
) -> tuple[Status | None, dict[str, Sample], list[str]]:
    """What the store says; nothing where there is none yet, or it cannot be read."""
    try:
        with StoreReader.open(session.paths.store) as store:
            return store.status(), newest_values(store, rules), store.sample_names()
    except StoreMissingError:
        return None, {}, []
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
