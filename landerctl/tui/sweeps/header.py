"""The lines above the list: the sweep's state, its counts, how long it has run and will. Pure."""

from __future__ import annotations

from textual.content import Content

from checks.wording import duration, short_number
from daemon.base.text.counted import counted
from daemon.sweeps.records import ENDED
from landerctl.operations.sweeps.status import SweepState, SweepStatus
from landerctl.tui.format import bar, fit, shorten

_MARKS: dict[SweepState, tuple[str, str]] = {
    "new": ("○", "$foreground-muted"),
    "running": ("●", "$text-success"),
    "paused": ("▲", "$text-warning"),
    "stopped": ("■", "$foreground-muted"),
    "ended": ("✓", "$text-success"),
    "dead": ("✖", "$text-error"),
}
_ADVICE: dict[SweepState, str] = {
    "new": "s starts it",
    "stopped": "s resumes it",
    "dead": "s resumes it",
}
_BAR_CELLS = 20


def header_lines(status: SweepStatus, others: int, width: int) -> list[Content]:
    """Two lines of at most `width` cells. `others`: how many sweeps there are besides."""
    mark, style = _MARKS[status.state]
    why = "" if status.state in ("running", "ended") else status.text
    why = why.removeprefix(status.state).lstrip(":; ")
    advice = _ADVICE.get(status.state, "")
    state = f"{status.state}: {why}" if why else status.state
    besides = f"w: {counted(others, 'other sweep')}" if others else ""
    first = fit(
        width - len(status.name) - 4,
        _joined(state, advice, status.engine, besides),
        _joined(state, advice, besides),
        _joined(state, advice),
    )
    ended = sum(status.counts.get(one.value, 0) for one in ENDED)
    total = max(status.total or 0, sum(status.counts.values()))
    counts = ", ".join(f"{count:,} {word}" for word, count in status.counts.items() if count)
    figures = f" {ended:,} of {total:,} ended"
    bar_cells = min(_BAR_CELLS, max(0, width - 70))
    room = width - bar_cells - len(figures) - 3
    about = "at most" if status.left_at_most else "about"
    left = f"{about} {duration(status.left_s)} left" if status.left_s else ""
    elapsed = f"{duration(status.elapsed_s)} so far" if status.elapsed_s else ""
    if status.state == "ended":
        elapsed = f"took {duration(status.elapsed_s)}"
    steps = f"{short_number(status.steps)} steps"
    speed = f"{short_number(status.steps_per_s)}/s" if status.steps_per_s else ""
    rest = fit(
        room,
        _joined(counts, elapsed, left, steps, speed),
        _joined(counts, elapsed, left),
        _joined(counts, left or elapsed),
        left or counts,
    )
    done = "$success" if status.state == "ended" else "$primary"
    return [
        Content.assemble((f"{mark} ", style), (status.name, "bold"), "  ", first),
        Content.assemble(
            bar(ended / max(1, total), bar_cells, done),
            figures if bar_cells else shorten(figures.strip(), width),
            (f" · {rest}" if rest else "", "$foreground-muted"),
        ),
    ]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
