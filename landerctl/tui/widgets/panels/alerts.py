"""The panel of firing and pending alerts, with their reasons."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from checks.wording import duration
from daemon.store.records import AlertRecord, ChecklistStatus, Silence
from landerctl.presentation.alert_wording import marks, silence_of
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import wrap
from landerctl.tui.widgets.lines import LinesPanel, entitle

NOT_CHECKED = "no daemon has checked yet"
NONE_ACTIVE = "No alert is firing or pending"
_MARKS = {"info": "●", "warning": "▲", "critical": "✖"}
_STYLES = {"info": "$text-accent", "warning": "$text-warning", "critical": "$text-error"}
_RANK = {"critical": 0, "warning": 1, "info": 2}


class AlertsPanel(VerticalScroll):
    """All firing and pending alerts. Enter or a click opens the alerts screen."""

    BINDINGS = [Binding("enter", "app.alerts", show=False)]  # noqa: RUF012  Textual's way

    async def on_click(self) -> None:
        """Open the alerts screen."""
        await self.run_action("app.alerts")

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        # Created here: a snapshot may arrive before Textual has composed the panel.
        self._lines = _AlertLines(id="alert-lines")

    def compose(self) -> ComposeResult:
        """One block of lines that grows with the number of alerts."""
        yield self._lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Height in rows for an automatic height: then the panel spans the screen's width.

        `width` is not used: it is that of one grid column, even if the panel spans several.
        """
        return self._lines.get_content_height(
            container, viewport, viewport.width - self.styles.padding.width
        )

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        judged = snapshot.status.checklist
        title = alerts_title(snapshot.status.alerts)
        entitle(self, title=title, subtitle=_checklist(judged) if judged else "")
        self._lines.show(snapshot)


def _checklist(judged: ChecklistStatus) -> str:
    if judged.problem:
        return "checklist: evidence refused"
    fails = f", {judged.fails} fail" if judged.fails else ""
    return f"checklist {judged.holds}/{sum(judged.counts.values())} hold{fails}"


class _AlertLines(LinesPanel):
    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        status = snapshot.status
        if status.daemon is None:
            return [Content.styled(f"Alerts: {NOT_CHECKED}", "$foreground-muted")]
        return alert_lines(status.alerts, status.silences, snapshot.read_s, width)


def alerts_title(alerts: list[AlertRecord]) -> str:
    """The panel's title with the number of firing alerts."""
    firing = sum(alert.state == "firing" for alert in alerts)
    return f"Alerts · {firing} firing" if firing else "Alerts"


def sort_alerts(
    alerts: Iterable[AlertRecord], silences: list[Silence], now_s: float
) -> list[AlertRecord]:
    """Sorts: firing first, then not acknowledged or silenced, then by severity, then by age."""
    return sorted(
        alerts,
        key=lambda a: (
            a.state != "firing",
            bool(marks(a, silence_of(a.name, silences, now_s), now_s)),
            _RANK[a.severity],
            a.since_s,
        ),
    )


def alert_mark(alert: AlertRecord, silence: Silence | None) -> tuple[str, str]:
    """An alert's symbol and style: muted if it is acknowledged or silenced."""
    if alert.state != "firing":
        return "◌", "$foreground-muted"
    handled = alert.acknowledged is not None or silence is not None
    style = "$foreground-muted" if handled else f"bold {_STYLES[alert.severity]}"
    return _MARKS[alert.severity], style


def alert_lines(
    alerts: list[AlertRecord], silences: list[Silence], now_s: float, width: int
) -> list[Content]:
    """Lines for each alert: since when, its value and limit, and its summary."""
    if not alerts:
        return [Content.assemble(("✓ ", "$text-success"), NONE_ACTIVE)]
    lines: list[Content] = []
    for alert in sort_alerts(alerts, silences, now_s):
        silence = silence_of(alert.name, silences, now_s)
        mark, style = alert_mark(alert, silence)
        head = f"{mark} {alert.severity.upper()} {alert.name}"
        since = f"{alert.state} for {duration(now_s - alert.since_s)}"
        value = "no data" if alert.value is None else f"{alert.value:,.4g}"
        limit = f"{value}, alert {alert.comparison} {alert.threshold:,.6g}"
        details = " · ".join(filter(None, (since, limit, marks(alert, silence, now_s))))
        if cell_len(f"{head}  {details}") <= width:
            lines.append(Content.assemble((head, style), f"  {details}"))
        else:
            lines.append(Content.styled(head, style))
            lines += [Content(f"  {text}") for text in wrap(details, max(10, width - 2))]
        lines += [
            Content.styled(f"  {text}", "$foreground-muted")
            for text in wrap(alert.summary, max(10, width - 2))
        ]
    return lines
