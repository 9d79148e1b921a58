"""`landerctl alerts` and its verbs."""

from __future__ import annotations

import getpass
import time
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from checks.wording import clock, duration, number
from daemon.config.schema import AlertRule
from daemon.protocol.control import Acknowledge, SilenceAlerts, TestNotify
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import AlertRecord, Event, Sample, Status
from landerctl.cli.conversation import ask
from landerctl.cli.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.cli.times import seconds
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl alerts                             what fires, and every rule",
    "landerctl alerts show disk-low               its rule, its values, its history",
    "landerctl alerts ack disk-low --note 'cleaning up'",
    "landerctl alerts silence 'stage-*' --for 8h",
    "landerctl alerts test                        a test message to everyone in [notify]",
)
EVIDENCE_S = 1800.0  # before an alert began
SHOWN_VALUES, SHOWN_EVENTS = 10, 10

app = typer.Typer(
    help="List the alerts and what becomes of them; acknowledge or silence them.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)
Name = Annotated[str, typer.Argument(help="The alert's name.", metavar="ALERT")]
NoteText = Annotated[str, typer.Option(help="A few words for the others.", metavar="TEXT")]


class Listed(msgspec.Struct, frozen=True):
    """A rule and how it stands."""

    name: str
    state: str
    since_s: float | None
    value: float | None
    metric: str
    comparison: str
    threshold: float
    severity: str
    action: str
    acknowledged_by: str | None
    silenced_until_s: float | None
    summary: str


@app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the alerts, those that fire first; acknowledge or silence them."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    listed = _listed(session.load_config().alerts, _status(session), time.time())
    if as_json:
        print(msgspec.json.encode(listed).decode())
        return Exit.OK
    table = Table("ALERT", "STATE", "VALUE", "FIRES", "SEVERITY", box=None, pad_edge=False)
    now_s = time.time()
    for entry in listed:
        state = entry.state
        if entry.since_s is not None:
            state += f" for {duration(now_s - entry.since_s)}"
        if entry.acknowledged_by:
            state += f", seen by {entry.acknowledged_by}"
        if entry.silenced_until_s:
            state += f", silenced for {duration(entry.silenced_until_s - now_s)}"
        style = {"critical": "bold red", "warning": "yellow"}.get(entry.severity, "")
        table.add_row(
            entry.name,
            state,
            "no data" if entry.value is None else f"{entry.value:.4g}",
            f"{entry.metric} {entry.comparison} {entry.threshold:g}",
            entry.severity,
            style=style if entry.state == "firing" else "",
        )
    Console().print(table)
    return Exit.OK


@app.command()
def show(context: typer.Context, name: Name, home: Home = None, config: ConfigFile = None) -> int:
    """Show a rule, the values that it judged last, and its history."""
    session = _session(context, home, config)
    rule = next((r for r in session.load_config().alerts if r.name == name), None)
    if rule is None:
        raise Failure(f"no alert is called {name!r}; see `landerctl alerts`", Exit.NOT_FOUND)
    try:
        with StoreReader.open(session.paths.store) as store:
            record = next((a for a in store.status().alerts if a.name == name), None)
            since_s = (record.since_s if record else time.time()) - EVIDENCE_S
            values = store.series(rule.metric, since_s=since_s, max_points=SHOWN_VALUES)
            told = store.events(names=["alert.firing", "alert.resolved", "alert.acknowledged"])
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    history = [event for event in told if event.body.get("alert") == name][-SHOWN_EVENTS:]
    print("\n".join(_described(rule, record, values, history)))
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
    print(ask(_session(context, home, config), Acknowledge(name, getpass.getuser(), note)).text)
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
    request = SilenceAlerts(pattern, seconds(for_), getpass.getuser(), note)
    print(ask(_session(context, home, config), request).text)
    return Exit.OK


@app.command()
def unsilence(
    context: typer.Context,
    pattern: Annotated[str, typer.Argument(help="As it was silenced.")],
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """End a silence."""
    ask(_session(context, home, config), SilenceAlerts(pattern, 0.0, getpass.getuser()))
    print(f"alerts that match {pattern!r} are silenced no longer")
    return Exit.OK


@app.command()
def test(context: typer.Context, home: Home = None, config: ConfigFile = None) -> int:
    """Send a test message to every target of [notify]."""
    print(ask(_session(context, home, config), TestNotify()).text)
    return Exit.OK


def _session(context: typer.Context, home: Home, config: ConfigFile) -> Session:
    """The verb's own options, else those of `alerts`, else the ones before it."""
    group = context.parent
    assert isinstance(group, typer.Context)
    return open_session(group, home or group.params["home"], config or group.params["config"])


def _status(session: Session) -> Status | None:
    try:
        with StoreReader.open(session.paths.store) as store:
            return store.status()
    except StoreError:
        return None


def _listed(rules: list[AlertRule], status: Status | None, now_s: float) -> list[Listed]:
    """Those that fire, those that may, then the others, in the order of the configuration."""
    records = {record.name: record for record in status.alerts} if status else {}
    silences = status.silences if status else []
    rank = {"firing": 0, "pending": 1, "inactive": 2}
    found = []
    for rule in rules:
        record = records.get(rule.name)
        until = [s.until_s for s in silences if s.until_s > now_s and s.matches(rule.name)]
        found.append(
            Listed(
                name=rule.name,
                state=record.state if record else "inactive",
                since_s=record.since_s if record else None,
                value=record.value if record else None,
                metric=rule.metric,
                comparison=rule.comparison,
                threshold=rule.threshold,
                severity=rule.severity,
                action=rule.action,
                acknowledged_by=record.acknowledged.user
                if record and record.acknowledged
                else None,
                silenced_until_s=max(until, default=None),
                summary=rule.summary,
            )
        )
    return sorted(found, key=lambda entry: rank[entry.state])


def _described(
    rule: AlertRule, record: AlertRecord | None, values: list[Sample], history: list[Event]
) -> list[str]:
    state = "inactive"
    if record is not None:
        state = f"{record.state} since {clock(record.since_s)}"
        if record.acknowledged:
            seen = record.acknowledged
            state += f", seen by {seen.user}{f': {seen.note}' if seen.note else ''}"
    lines = [
        f"{rule.name}  {rule.severity}, {state}",
        f"  {rule.summary}",
        f"  fires when {rule.metric} is {rule.comparison} {rule.threshold:g} for {rule.for_s:g} s"
        + (f" in stage {rule.stage}" if rule.stage else ""),
        f"  then: {rule.action}",
        "Values",
        *(f"  {clock(sample.time_s)}  {number(sample.value, 3)}" for sample in values),
    ]
    if not values:
        lines.append(f"  {rule.metric} was not measured in this time")
    if history:
        lines += ["History", *(f"  {clock(e.time_s)}  {e.name[6:]}: {e.text}" for e in history)]
    return lines
