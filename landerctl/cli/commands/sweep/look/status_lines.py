"""A sweep's status as lines for a terminal. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from checks.wording import date_and_clock, duration, number, percent, short_number
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.sweeps.records import TrialState
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.status import SweepStatus, TrialRow, short_name, short_value

BAR_CELLS = 6
WIDTH = 80
_GAP = "  "
_LABEL_CELLS = 10
# In the order in which trials go through them.
_STATES = (
    TrialState.RUNNING,
    TrialState.WAITING,
    TrialState.PAUSED,
    TrialState.COMPLETED,
    TrialState.STOPPED,
    TrialState.FAILED,
)
# Their reason says more than what they reached.
_EXPLAINED = (TrialState.PAUSED, TrialState.STOPPED, TrialState.FAILED, TrialState.WAITING)
_MOST_OBJECTIVES = 2  # of a table; all of them: --json


def status_lines(status: SweepStatus, width: int | None) -> list[str]:
    """A head, a line for each trial, and why it ended. `width`: cut longer lines; None: do not."""
    table = ["", *_table(status)] if status.trials else []
    if status.hidden:
        table.append(f"and {counted(status.hidden, 'more trial')}: --all")
    return [
        *(line for label, text in _head(status) for line in _labelled(label, text, width)),
        *(_cut(one_line(line), width) for line in table),
    ]


def objective_text(objective: Objective, value: float | None) -> str:
    """An objective's value for people; empty if there is none."""
    if value is None:
        return ""
    if objective.metric.startswith("success"):
        return percent(value)
    if abs(value) >= 10_000:
        return short_number(value)
    return number(value) if value == round(value) else f"{value:.3g}"


def counts_text(status: SweepStatus) -> str:
    """``8 trials: 2 running, 5 completed, 1 to come``."""
    begun = sum(status.counts.values())
    parts = [
        f"{status.counts[state]:,} {_word(state, status)}"
        for state in _STATES
        if status.counts.get(state)
    ]
    if status.total is not None and status.total > begun:
        parts.append(f"{status.total - begun:,} to come")
    known = max(status.total or 0, begun)  # forks are trials too
    return f"{counted(known, 'trial')}: {', '.join(parts) or 'none begun'}"


def _word(state: TrialState, status: SweepStatus) -> str:
    """The state of trials; what ran when the coordinator ended does not run any more."""
    return "interrupted" if state is TrialState.RUNNING and status.pid is None else state.value


def _head(status: SweepStatus) -> Iterator[tuple[str, str]]:
    where = f", pid {status.pid}" if status.pid is not None else ""
    yield "sweep", f"{status.name}, {status.state}{where}, engine {status.engine}"
    if status.state not in ("running", "ended") and status.text:
        yield "why", status.text
    yield "trials", counts_text(status)
    speed = f", {number(status.steps_per_s)} steps/s" if status.steps_per_s else ""
    yield "trained", f"{number(status.steps)} steps{speed}"
    if status.began_s is not None:
        left = ""
        if status.left_s is not None:
            most = "at most " if status.left_at_most else "about "
            left = f", {most}{duration(status.left_s)} left"
        took = f"{duration(status.elapsed_s)} so far" if status.pid is not None else ""
        if status.state == "ended":
            took = f"took {duration(status.elapsed_s)}"
        began = f"began {date_and_clock(status.began_s)}"
        yield "time", f"{began}{', ' * bool(took)}{took}{left}"
    advice = {
        "new": f"start it with `landerctl sweep resume {status.name}`",
        "dead": f"go on with `landerctl sweep resume {status.name}`",
        "stopped": f"go on with `landerctl sweep resume {status.name}`",
        "ended": f"see `landerctl sweep compare {status.name}`",
    }
    if status.state in advice:
        yield "next", advice[status.state]


def _table(status: SweepStatus) -> Iterator[str]:
    shown = status.objectives[:_MOST_OBJECTIVES]
    settings = list(dict.fromkeys(setting for row in status.trials for setting in row.values))
    objectives = [one.metric.upper() for one in shown]
    heads = ["TRIAL", "STATE", "STEPS", *objectives, "STEPS/S", "LEFT", "SEED"]
    heads += [short_name(setting, settings) for setting in settings]
    rows = [[*_cells(row, shown, status), *_values(row, settings)] for row in status.trials]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    left = {1, 2}  # columns that are aligned at their left
    yield _line(heads, widths, left)
    for row, cells in zip(status.trials, rows, strict=True):
        yield _line(cells, widths, left)
        if row.state in _EXPLAINED and row.reason not in ("", status.text):
            yield f"{' ' * (widths[0] + len(_GAP))}{row.reason}"


def _cells(row: TrialRow, shown: Sequence[Objective], status: SweepStatus) -> Iterator[str]:
    yield str(row.number)
    yield _word(row.state, status)
    filled = min(BAR_CELLS, BAR_CELLS * row.steps // status.limit_steps)
    yield f"{'━' * filled}{'─' * (BAR_CELLS - filled)} {short_number(row.steps)}"
    for objective in shown:
        yield objective_text(objective, row.objectives.get(objective.metric))
    running = row.state is TrialState.RUNNING and status.pid is not None
    yield number(row.steps_per_s) if running and row.steps_per_s else ""
    if running and not row.steps:
        yield "starts"
    elif running and row.steps >= row.rung_steps:
        yield "ending"  # its evaluation
    else:
        yield "" if row.left_s is None else duration(row.left_s)
    yield str(row.seed)


def _values(row: TrialRow, settings: Sequence[str]) -> Iterator[str]:
    for setting in settings:
        yield short_value(row.values[setting]) if setting in row.values else ""


def _line(cells: Sequence[str], widths: Sequence[int], left: set[int]) -> str:
    return _GAP.join(
        cell.ljust(width) if column in left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )


def _labelled(label: str, text: str, width: int | None) -> list[str]:
    """A text beside its label, folded to the width."""
    room = max((width or WIDTH) - _LABEL_CELLS, WIDTH // 2)
    lines = [one_line(text)] if width is None else textwrap.wrap(one_line(text), room)
    return [
        f"{'' if row else label:<{_LABEL_CELLS}}{line}".rstrip() for row, line in enumerate(lines)
    ]


def _cut(line: str, width: int | None) -> str:
    if width is None or len(line) <= width:
        return line.rstrip()
    return f"{line[: width - 1]}…"
