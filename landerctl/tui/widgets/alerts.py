"""Alerts that fire or are about to, with their reasons."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from checks.wording import duration
from daemon.store.records import AlertRecord
from landerctl.tui.snapshot import Snapshot
from landerctl.tui.widgets.lines import LinesPanel

_MARKS = {"info": "●", "warning": "▲", "critical": "✖"}
_STYLES = {"info": "$text-accent", "warning": "$text-warning", "critical": "$text-error"}
_RANK = {"critical": 0, "warning": 1, "info": 2}


class AlertsPanel(VerticalScroll):
    """All alerts, the worst first; scrolls."""

    def compose(self) -> ComposeResult:
        """One block of lines that grows with the alerts."""
        yield _AlertLines(id="alert-lines")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Where the style sheet leaves the height open, the panel spans the screen.

        `width` is that of one column of the grid, whatever the panel spans.
        """
        return self.query_one(_AlertLines).get_content_height(
            container, viewport, viewport.width - self.styles.padding.width
        )

    def show(self, snapshot: Snapshot) -> None:
        """Take a new snapshot."""
        self.border_title = alerts_title(snapshot.status.alerts)
        self.query_one(_AlertLines).show(snapshot)


class _AlertLines(LinesPanel):
    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        if snapshot.status.daemon is None:
            return [Content.styled("Alerts: no daemon has looked yet", "$foreground-muted")]
        return alert_lines(snapshot.status.alerts, snapshot.read_s, width)


def alerts_title(alerts: list[AlertRecord]) -> str:
    """The panel's title with the count of those that fire."""
    firing = sum(alert.state == "firing" for alert in alerts)
    return f"Alerts · {firing} firing" if firing else "Alerts"


def alert_lines(alerts: list[AlertRecord], now_s: float, width: int) -> list[Content]:
    """What fires, since when, at which value, and what to do; or that nothing does."""
    if not alerts:
        return [Content.assemble(("✓ ", "$text-success"), "No alert is firing or pending")]
    lines: list[Content] = []
    order = sorted(alerts, key=lambda a: (a.state != "firing", _RANK[a.severity], a.since_s))
    for alert in order:
        style = _STYLES[alert.severity] if alert.state == "firing" else "$foreground-muted"
        mark = _MARKS[alert.severity] if alert.state == "firing" else "◌"
        head = f"{mark} {alert.severity.upper()} {alert.name}"
        since = f"{alert.state} for {duration(now_s - alert.since_s)}"
        value = "no data" if alert.value is None else f"{alert.value:,.4g}"
        limit = f"{value}, alert {alert.comparison} {alert.threshold:,.6g}"
        if len(f"{head}  {since} · {limit}") <= width:
            lines.append(Content.assemble((head, f"bold {style}"), f"  {since} · {limit}"))
        else:
            lines.append(Content.assemble((head, f"bold {style}")))
            lines += [
                Content(f"  {text}")
                for text in textwrap.wrap(f"{since} · {limit}", max(10, width - 2))
            ]
        lines += [
            Content.styled(f"  {text}", "$foreground-muted")
            for text in textwrap.wrap(alert.summary, max(10, width - 2))
        ]
    return lines
