"""`landerctl alerts` and its verbs."""

from __future__ import annotations

import os
import sys
import time
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
import typer

from daemon.base.identity import lock_is_held
from daemon.base.user import user_name
from daemon.config.schema import AlertRule
from daemon.protocol.control import AcknowledgeRequest, SilenceRequest, TestNotifyRequest
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Sample, Status
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.times import seconds
from landerctl.cli.commands.watch.alerts.details import detail_lines, gather
from landerctl.cli.commands.watch.alerts.listing import list_alerts, newest_values
from landerctl.cli.commands.watch.alerts.listing import show as show_list
from landerctl.cli.commands.watch.alerts.targets import (
    EVENTS,
    MOST_EVENTS,
    TestResult,
    list_targets,
    show_targets,
)
from landerctl.cli.shared.daemon_request import ask
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl alerts                             firing alerts, and every rule with its value",
    "landerctl alerts show disk-low               all facts about it",
    "landerctl alerts ack disk-low --note 'cleaning up'",
    "landerctl alerts silence 'stage-*' --for 8h",
    "landerctl alerts targets                     who is notified, of what, and the last result",
    "landerctl alerts test phone                  a test message to a target; to all by default",
)

app = typer.Typer(
    help="List the alerts and their state; acknowledge or silence them.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)
Name = Annotated[
    str,
    typer.Argument(help="The alert's name.", metavar="ALERT", autocompletion=completer("alerts")),
]
NoteText = Annotated[str, typer.Option(help="A note for your team.", metavar="TEXT")]


@app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the alerts, firing ones first; acknowledge or silence them."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    loaded, now_s = session.loaded_config(), time.time()
    rules = loaded.config.alerts
    status, values, names = _newest(session, rules)
    entries = list_alerts(rules, status, values, names, now_s, plugins=loaded.rules_of_plugins)
    if as_json:
        print(msgspec.json.encode(entries).decode())
    else:
        _warn_without_daemon(session)
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
    """Show all facts about an alert.

    Its rule, values, notifications, acknowledgement and events.
    """
    session = open_session(context, home, config)
    loaded, now_s = session.loaded_config(), time.time()
    settings = loaded.config
    rule = next((r for r in settings.alerts if r.name == name), None)
    if rule is None:
        raise Failure(f"no alert named {name!r}; see `landerctl alerts`", Exit.NOT_FOUND)
    try:
        with StoreReader.open(session.paths.store) as store:
            found = gather(store, rule, now_s, loaded.rules_of_plugins.get(name))
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _warn_without_daemon(session)
        print("\n".join(detail_lines(found, settings.notify.targets, now_s)))
    return Exit.OK


@app.command()
def ack(
    context: typer.Context,
    name: Name,
    note: NoteText = "",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Acknowledge a firing alert: no more reminders.

    None is sent until it fires again.
    """
    print(
        ask(
            open_session(context, home, config),
            AcknowledgeRequest(name, user_name(os.getuid()), note),
        ).text
    )
    return Exit.OK


@app.command()
def silence(
    context: typer.Context,
    pattern: Annotated[
        str,
        typer.Argument(
            help="A name, or a pattern such as 'stage-*'.", autocompletion=completer("alerts")
        ),
    ],
    *,
    for_: Annotated[str, typer.Option("--for", help="Duration.", metavar="TIME")] = "1h",
    note: NoteText = "",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Send no notifications of these alerts for a time.

    They are still evaluated and recorded.
    """
    session = open_session(context, home, config)
    request = SilenceRequest(pattern, seconds(for_), user_name(os.getuid()), note)
    print(ask(session, request).text)
    if not any(fnmatchcase(rule.name, pattern) for rule in session.load_config().alerts):
        print("No current alert matches; see `landerctl alerts`", file=sys.stderr)
    return Exit.OK


@app.command()
def unsilence(
    context: typer.Context,
    pattern: Annotated[
        str,
        typer.Argument(help="The pattern of the silence.", autocompletion=completer("silences")),
    ],
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """End a silence before its time."""
    request = SilenceRequest(pattern, 0.0, user_name(os.getuid()))
    print(ask(open_session(context, home, config), request).text)
    return Exit.OK


@app.command()
def targets(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the targets of [notify], and their last deliveries.

    And what each of them gets.
    """
    session = open_session(context, home, config)
    configured, now_s = session.load_config().notify.targets, time.time()
    try:
        with StoreReader.open(session.paths.store) as store:
            outbox = store.status().outbox
            events = store.events(names=EVENTS, limit=MOST_EVENTS)
    except StoreMissingError:
        outbox, events = [], []
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    rows = list_targets(configured, outbox, events)
    if as_json:
        print(msgspec.json.encode(rows).decode())
    elif rows:
        show_targets(rows, now_s)
    else:
        print("Nobody is notified: notify.targets is empty; see config.toml")
    return Exit.OK


@app.command()
def test(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="A target's name; all by default.", metavar="[TARGET]"),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Send a test message to the targets of [notify].

    Waits for the results.
    """
    answer = ask(open_session(context, home, config), TestNotifyRequest(name))
    results = [
        TestResult(target, error is None, None if error is None else str(error))
        for target, error in answer.data.items()
    ]
    if as_json:
        print(msgspec.json.encode(results).decode())
    else:
        for result in results:
            print(f"{result.target}: {result.error or 'delivered'}")
    if all(result.delivered for result in results):
        return Exit.OK
    raise Failure(answer.text)


def _warn_without_daemon(session: Session) -> None:
    if not lock_is_held(session.paths):
        print("No daemon is running: alerts are not evaluated", file=sys.stderr)


def _newest(
    session: Session, rules: list[AlertRule]
) -> tuple[Status | None, dict[str, Sample], list[str]]:
    """Status, newest value per metric, series names; empty without a store. Raises Failure."""
    try:
        with StoreReader.open(session.paths.store) as store:
            return store.status(), newest_values(store, rules), store.sample_names()
    except StoreMissingError:
        return None, {}, []
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
