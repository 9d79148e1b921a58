"""The tables of `landerctl runs`: as wide as the terminal allows, whole for a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checks.wording import duration, percent, short_number, size
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from landerctl.operations.runs.summary import DiskUse, RunSummary

_GAP = "  "


@dataclass(frozen=True)
class _Column:
    title: str
    cell: Callable[[RunSummary], str]
    right: bool = False
    dropped: int = 0  # the highest goes first where lines are too long; 0: never


def show(
    runs: Sequence[RunSummary], names: Mapping[str, str], now_s: float, *, disk: bool, wide: bool
) -> None:
    """Print a table; `*` marks the current run.

    `names`: of all runs by id, for parents. `disk`: of what they use on the disk. `wide`: all
    columns, on any terminal.
    """
    columns = _disk_columns() if disk else _columns(names, now_s)
    width = None if wide or not sys.stdout.isatty() else shutil.get_terminal_size().columns
    for line in _lines(columns, runs, width):
        print(line)
    if disk and len(runs) > 1:
        print(
            f"{counted(len(runs), 'run')}: {size(sum(run.disk.total for run in runs if run.disk))}"
        )


def _columns(names: Mapping[str, str], now_s: float) -> list[_Column]:
    def parent(run: RunSummary) -> str:
        origin = run.metadata.parent
        return "" if origin is None else one_line(names.get(origin.run_id, origin.run_id))

    return [
        _MARK,
        _NAME,
        _Column("STATE", lambda run: f"{run.state}{', archived' * bool(run.metadata.archived_s)}"),
        _STEPS,
        _Column("STAGE", lambda run: str(run.newest.stage) if run.newest else "", right=True),
        _Column("SUCCESS", _success, right=True),
        _Column("AGE", lambda run: duration(now_s - run.metadata.created_s), right=True),
        _Column("PARENT", parent, dropped=2),
        _Column("WARM START", _warm_start, dropped=1),
        _Column("TAGS", lambda run: one_line(" ".join(run.metadata.tags)), dropped=1),
        _ID,
    ]


def _disk_columns() -> list[_Column]:
    def part(title: str, of: Callable[[DiskUse], int], dropped: int = 0) -> _Column:
        def cell(run: RunSummary) -> str:
            return size(of(run.disk)) if run.disk else ""

        return _Column(title, cell, right=True, dropped=dropped)

    return [
        _MARK,
        _NAME,
        _STEPS,
        part("CHECKPOINTS", lambda use: use.checkpoints),
        part("TENSORBOARD", lambda use: use.tensorboard),
        part("EVALUATIONS", lambda use: use.evaluations, dropped=1),
        part("OTHER", lambda use: use.other, dropped=2),
        part("BACKUPS", lambda use: use.backups),
        part("TOTAL", lambda use: use.total),
        _ID,
    ]


_MARK = _Column("", lambda run: "*" if run.current else " ")
_NAME = _Column("NAME", lambda run: one_line(run.name))
_STEPS = _Column(
    "STEPS", lambda run: short_number(run.newest.timesteps if run.newest else 0), right=True
)
_ID = _Column("ID", lambda run: run.id, dropped=3)


def _success(run: RunSummary) -> str:
    rate = run.newest.success_rate if run.newest else None
    return "" if rate is None else percent(rate)


def _warm_start(run: RunSummary) -> str:
    """Empty of a run from scratch."""
    found = run.settings.warm_start if run.settings else "none"
    return "" if found == "none" else found


def _lines(columns: Sequence[_Column], runs: Sequence[RunSummary], width: int | None) -> list[str]:
    """A head and a line for each run. `width`: the longest line in cells; None: any."""
    filled = [(one, _cells(one, runs)) for one in columns]
    # A column without an entry says nothing.
    shown = [pair for pair in filled if not pair[0].dropped or "".join(pair[1][1:]).strip()]
    for pair in sorted(shown, key=lambda pair: -pair[0].dropped):
        length = sum(len(cells[0]) + len(_GAP) for _, cells in shown) - len(_GAP)
        if pair[0].dropped and width is not None and length > width:
            shown.remove(pair)
    rows = zip(*(cells for _, cells in shown), strict=True)
    return [_GAP.join(row).rstrip() for row in rows]


def _cells(column: _Column, runs: Sequence[RunSummary]) -> list[str]:
    """The title and each run's entry, all of the same width."""
    texts = [column.title, *map(column.cell, runs)]
    widest = max(map(len, texts))
    return [text.rjust(widest) if column.right else text.ljust(widest) for text in texts]
