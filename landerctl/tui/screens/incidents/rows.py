"""The sections of the incidents' page: incidents, and the alerts that fired. Pure."""

from __future__ import annotations

import math
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from textual.content import Content

from checks.checklist.incidents import Incident
from checks.wording import clock, duration
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config.schema import Severity
from daemon.store.records import Event
from landerctl.presentation.alert_wording import figure, rule_facts
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import sparkline
from landerctl.tui.screens.browse.section import Row, Section
from landerctl.tui.screens.incidents.history import FiredAlert, rollback_report
from landerctl.tui.screens.incidents.reading import Evidence, Happened

INCIDENTS, ALERTS = "incidents", "alerts"
_MARKS: dict[Severity, tuple[str, str]] = {
    "info": ("●", "$text-accent"),
    "warning": ("▲", "$text-warning"),
    "critical": ("✖", "bold $text-error"),
}
_OPEN, _CLOSED = ("✖", "bold $text-error"), ("✓", "$text-success")
_DIM = "$foreground-muted"
_LABEL_CELLS = 14


def summary(happened: Happened) -> Content:
    """One line: how many incidents are open and alerts fire; why something cannot be read."""
    opened = sum(one.closed_s is None for one in happened.incidents)
    parts = [
        (f"{counted(opened, 'open incident')} of {len(happened.incidents)}", "bold"),
        (f" · alerts have fired {counted(len(happened.alerts), 'time')}", _DIM),
    ]
    if happened.problem:
        parts.insert(0, (f"✖ {one_line(happened.problem)} · ", "bold $text-error"))
    return Content.assemble(*parts)


def sections(happened: Happened, snapshot: Snapshot) -> list[Section]:
    """Incidents, the open ones first; then the alerts that fired, the newest first."""
    found = sorted(
        happened.incidents, key=lambda one: (one.closed_s is not None, -(one.time_s or 0.0))
    )
    incident_rows = tuple(
        Row(incident_row_id(one), _incident_text(one), _incident(one, happened), one.id)
        for one in found
    )
    alert_rows = tuple(
        Row(
            f"fired:{alert.fired.id}",
            _alert_text(alert, snapshot),
            _alert(alert, happened, snapshot),
            alert.name,
        )
        for alert in happened.alerts
    )
    opened = sum(one.closed_s is None for one in happened.incidents)
    return [
        Section(
            INCIDENTS,
            _heading("Incidents", f"{opened} open of {len(found)}"),
            _fixed(_about_incidents(found)),
            incident_rows,
            "landerctl incident list",
        ),
        Section(
            ALERTS,
            _heading("Alerts that fired", f"{len(happened.alerts)}"),
            _fixed(_about_alerts(happened.alerts)),
            alert_rows,
            "landerctl events --name alert.firing",
        ),
    ]


def incident_row_id(one: Incident) -> str:
    """The id of an incident's row."""
    return f"incident:{one.id}"


def _about_incidents(found: Sequence[Incident]) -> list[Content]:
    if not found:
        return [
            Content("✓ No incident"),
            Content.styled("A rollback opens one; or: landerctl incident open TITLE", _DIM),
        ]
    return [
        Content(f"{counted(len(found), 'incident')}; an open one is NO-GO until it is closed."),
        Content.styled("c closes the selected one, with its cause.", _DIM),
    ]


def _about_alerts(alerts: Sequence[FiredAlert]) -> list[Content]:
    """How often each alert fired, and for how long in all, as far as its ends are recorded."""
    if not alerts:
        return [Content("✓ No alert has fired"), Content.styled("a: the alerts of now", _DIM)]
    lines = [Content.styled("How often, and for how long in all", "bold")]
    for name, count in Counter(alert.name for alert in alerts).most_common():
        lasted_s = sum(
            alert.ended.time_s - alert.fired.time_s
            for alert in alerts
            if alert.name == name and alert.ended is not None
        )
        lines.append(Content(f"{count:4} × {name:<24} {duration(lasted_s)}"))
    return [*lines, Content(), Content.styled("a: the alerts of now", _DIM)]


def _incident_text(one: Incident) -> Content:
    mark, style = _OPEN if one.closed_s is None else _CLOSED
    word = "open" if one.closed_s is None else "closed"
    when = _moment(one.time_s) if one.time_s is not None else "no time"
    return Content.assemble((f"{mark} {word:<6}", style), (f" {when}  ", _DIM), one_line(one.title))


def _incident(one: Incident, happened: Happened) -> Callable[[int], list[Content]]:
    def lines(width: int) -> list[Content]:
        mark, style = _OPEN if one.closed_s is None else _CLOSED
        found = [Content.assemble((f"{mark} ", style), (one_line(one.title), "bold"))]
        found += _fact("id", one.id, width)
        if one.time_s is not None:
            found += _fact("time", _moment(one.time_s), width)
        if one.closed_s is None:
            found += _fact("state", "open: NO-GO until it is closed; c closes it", width)
        else:
            found += _fact("closed", f"{_moment(one.closed_s)} by {one_line(one.by)}", width)
            found += _fact("cause", one_line(one.cause), width)
        if one.text:
            found += [Content(), Content.styled("In incidents.md", "bold")]
            for text in one.text.splitlines():
                found += _wrapped(one_line(text), width, "  ")
        if report := rollback_report(one.time_s, happened.rollbacks):
            found += [Content(), Content.styled("The rollback", "bold")]
            for event in report:
                found += _event(event, width)
        firing = [
            alert
            for alert in happened.alerts
            if one.time_s is not None and alert.during(one.time_s)
        ]
        if firing:
            found += [Content(), Content.styled("Alerts that fired then", "bold")]
            for alert in firing:
                found += _event(alert.fired, width)
        return [*found, Content(), Content.styled(f"more: landerctl incident show {one.id}", _DIM)]

    return lines


def _alert_text(alert: FiredAlert, snapshot: Snapshot) -> Content:
    mark, style = _MARKS[alert.fired.severity]
    handled = [
        word
        for name, word in (("alert.acknowledged", "acked"), ("alert.acted", "acted"))
        if any(event.name == name for event in alert.later)
    ]
    if alert.silence is not None:
        handled.append("silenced")
    note = f" · {', '.join(handled)}" if handled else ""
    return Content.assemble(
        (f"{mark} ", style),
        (f"{_moment(alert.fired.time_s)}  ", _DIM),
        f"{alert.name:<22}",
        (f" {_how_long(alert, snapshot)}{note}", _DIM),
    )


def _alert(
    alert: FiredAlert, happened: Happened, snapshot: Snapshot
) -> Callable[[int], list[Content]]:
    def lines(width: int) -> list[Content]:
        fired = alert.fired
        mark, style = _MARKS[fired.severity]
        found = [
            Content.assemble((f"{mark} {fired.severity.upper()} {alert.name}", style)),
            *_wrapped(fired.text, width),
        ]
        for label, text in _alert_facts(alert, happened, snapshot):
            found += _fact(label, text, width)
        rule = next((rule for rule in snapshot.rules if rule.name == alert.name), None)
        if rule is not None:
            found += [Content(), Content.styled("Its rule now", "bold")]
            for label, text in rule_facts(rule, snapshot.targets):
                found += _fact(label, text, width)
        evidence = happened.evidence.get(fired.id)
        return [*found, Content(), *(_evidence(evidence, fired, width) if evidence else ())]

    return lines


def _alert_facts(
    alert: FiredAlert, happened: Happened, snapshot: Snapshot
) -> Iterator[tuple[str, str]]:
    fired, ended = alert.fired, alert.ended
    value = fired.body.get("value")
    yield "fired", _moment(fired.time_s)
    at = f"{_moment(ended.time_s)}, " if ended is not None else ""
    yield "ended", f"{at}{_how_long(alert, snapshot)}"
    yield "value", figure(value if isinstance(value, int | float) else None)
    sent = [
        f"{event.body.get('target')} at {clock(event.time_s)}"
        for event in alert.later
        if event.name == "notify.sent"
    ]
    yield "notified", ", ".join(sent) or "nobody"
    for name, label in (("alert.acknowledged", "acknowledged"), ("alert.acted", "action")):
        said = [event for event in alert.later if event.name == name]
        for event in said:
            yield label, f"{clock(event.time_s)}: {event.text}"
        if not said and label == "acknowledged":
            yield label, "no"
    silences = [alert.silence, *(e for e in alert.later if e.name == "alert.silenced")]
    for silence in silences:
        if silence is not None:
            yield "silenced", f"{_moment(silence.time_s)}: {silence.text}"
    begun = [one for one in happened.incidents if one.time_s and alert.during(one.time_s)]
    for one in begun:
        yield "incident", f"{one.id} {one_line(one.title)}"


def _evidence(evidence: Evidence, fired: Event, width: int) -> list[Content]:
    """The metric around the moment, with a mark below it; what happened before."""
    lines: list[Content] = []
    finite = [one.value for one in evidence.samples if math.isfinite(one.value)]
    if finite:
        first_s, last_s = evidence.samples[0].time_s, evidence.samples[-1].time_s
        cells = min(width, len(evidence.samples))
        share = (fired.time_s - first_s) / max(1e-9, last_s - first_s)
        at = round(min(1.0, max(0.0, share)) * (cells - 1))
        values = [one.value for one in evidence.samples]
        lines += [
            Content.styled(f"{evidence.metric} around then", "bold"),
            Content.styled(sparkline(values, width), "$text-accent"),
            Content(" " * at + "▲"),
            *_wrapped(
                f"{figure(min(finite))} to {figure(max(finite))}, "
                f"{clock(first_s)} to {clock(last_s)}; ▲ fired",
                width,
            ),
        ]
    elif evidence.metric:
        lines.append(
            Content.styled(
                f"{evidence.metric}: no samples of then (they are thinned, then removed)", _DIM
            )
        )
    if evidence.before:
        lines += [Content(), Content.styled("Events before it", "bold")]
        for event in evidence.before:
            lines += _event(event, width)
    return lines


def _event(event: Event, width: int) -> list[Content]:
    mark, style = _MARKS[event.severity] if event.severity != "info" else ("·", _DIM)
    lead = f"{clock(event.time_s)} "
    wrapped = textwrap.wrap(event.text, max(10, width - len(lead) - 2)) or [""]
    return [
        Content.assemble((lead, _DIM), (f"{mark} ", style), wrapped[0]),
        *(Content(" " * (len(lead) + 2) + rest) for rest in wrapped[1:]),
    ]


def _fact(label: str, text: str, width: int) -> list[Content]:
    wrapped = textwrap.wrap(text, max(10, width - _LABEL_CELLS)) or [""]
    return [
        Content.assemble((f"{label:<{_LABEL_CELLS}}", _DIM), wrapped[0]),
        *(Content(" " * _LABEL_CELLS + rest) for rest in wrapped[1:]),
    ]


def _wrapped(text: str, width: int, indent: str = "") -> list[Content]:
    found = textwrap.wrap(text, max(10, width), subsequent_indent=indent, break_on_hyphens=False)
    return [Content(line) for line in found or [""]]


def _how_long(alert: FiredAlert, snapshot: Snapshot) -> str:
    """For how long it fired; what is known where its end was not recorded."""
    since_s = alert.fired.time_s
    if alert.ended is not None:
        return f"for {duration(alert.ended.time_s - since_s)}"
    firing = any(one.name == alert.name and one.state == "firing" for one in snapshot.status.alerts)
    if alert.fired_again or not firing:
        return "its end is not recorded"
    if not snapshot.situation.live:
        return "still fired when the daemon stopped"
    return f"still fires, {duration(snapshot.read_s - since_s)}"


def _moment(time_s: float) -> str:
    """Unix time as local ``Sun 29 Nov 14:03:05``."""
    return time.strftime("%a %d %b %H:%M:%S", time.localtime(time_s))


def _heading(title: str, note: str) -> Content:
    return Content.assemble((title, "bold"), (f"  {note}", _DIM))


def _fixed(lines: list[Content]) -> Callable[[int], list[Content]]:
    return lambda width: lines
