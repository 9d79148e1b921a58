"""The columns of the list of runs, as many as fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from checks.wording import percent, short_number
from landerctl.operations.runs.summary import RunSummary
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import coarse_duration, shorten
from landerctl.tui.runs.arranged import Placed

NONE = "–"
CURRENT, MARKED, NEITHER = "●", "■", " "
_GAP = 2
_NAME_CELLS, _TAGS_CELLS = 32, 24  # at most


@dataclass(frozen=True)
class _Column:
    title: str
    cells: tuple[str, ...]  # one for each run
    right: bool = False

    @property
    def width(self) -> int:
        return max(map(cell_len, (self.title, *self.cells)))

    def text(self, row: int | None, width: int) -> str:
        """A cell, or the title, of a width."""
        text = shorten(self.title if row is None else self.cells[row], width)
        padding = " " * (width - cell_len(text))
        return padding + text if self.right else text + padding


@dataclass(frozen=True)
class Reached:
    """What a run has reached."""

    state: str
    steps: int | None
    stage: int | None
    success: float | None


def reached(run: RunSummary, snapshot: Snapshot) -> Reached:
    """By its newest checkpoint; of the run that is trained now, by its last report."""
    newest, status = run.newest, snapshot.status
    now = snapshot.at_s is None and status.run is not None and status.run.id == run.id
    progress = status.progress if now else None
    state = _state_now(run, snapshot) if now else str(run.state)
    if run.metadata.archived_s is not None:
        state = "archived"
    if progress is not None:
        return Reached(state, progress.timesteps, progress.stage, progress.success_rate)
    if newest is None:
        return Reached(state, None, None, None)
    return Reached(state, newest.timesteps, newest.stage, newest.success_rate)


def _state_now(run: RunSummary, snapshot: Snapshot) -> str:
    """Of the daemon's run. A summary's state is as old as the last look at its files."""
    if snapshot.training:
        return "training"
    if snapshot.failed:
        return "failed"
    if snapshot.startup is not None:
        return "starting"
    return "completed" if run.newest is not None and run.newest.kind == "final" else "stopped"


def table(listed: Sequence[Placed], snapshot: Snapshot, width: int) -> tuple[str, list[str]]:
    """The line of titles and a line for each run, of at most `width` cells.

    The least important columns are left out where there is no room; the name is shortened last.
    """
    figures = [reached(one.run, snapshot) for one in listed]
    settings = [one.run.settings for one in listed]
    columns = [
        _Column("NAME", tuple(one.branch + one.run.name for one in listed)),
        _Column("STATE", tuple(one.state for one in figures)),
        _Column("STEPS", tuple(_steps(one.steps) for one in figures), right=True),
        _Column(
            "STAGE",
            tuple(NONE if one.stage is None else str(one.stage) for one in figures),
            right=True,
        ),
        _Column("SUCCESS", tuple(_success(one.success) for one in figures), right=True),
        _Column(
            "AGE",
            tuple(coarse_duration(now_s(snapshot) - one.run.metadata.created_s) for one in listed),
            right=True,
        ),
        _Column("TAGS", tuple(" ".join(one.run.metadata.tags) for one in listed)),
        _Column("ID", tuple(one.run.id for one in listed)),
        _Column("MODE", tuple(NONE if one is None else one.mode for one in settings)),
        _Column("ALGORITHM", tuple(NONE if one is None else one.algorithm for one in settings)),
        _Column(
            "LANDERS",
            tuple(NONE if one is None else str(one.n_envs) for one in settings),
            right=True,
        ),
    ]
    most = {"NAME": _NAME_CELLS, "TAGS": _TAGS_CELLS}
    shown: list[tuple[_Column, int]] = []
    room = width
    for column in columns:
        wanted = min(column.width, most.get(column.title, column.width))
        if column.title == "TAGS":
            wanted = max(min(wanted, room), len(column.title))
        if column.title == "NAME":
            wanted = min(wanted, max(8, width // 3))
        if wanted > room:
            break
        shown.append((column, wanted))
        room -= wanted + _GAP
    rows = [
        (" " * _GAP).join(column.text(row, cells) for column, cells in shown).rstrip()
        for row in (None, *range(len(listed)))
    ]
    return rows[0], rows[1:]


def now_s(snapshot: Snapshot) -> float:
    """The Unix time of the list: of now, whatever time the snapshot shows."""
    return snapshot.read_s if snapshot.past is None else snapshot.past.now_s


def _steps(steps: int | None) -> str:
    return NONE if steps is None else short_number(steps)


def _success(rate: float | None) -> str:
    return NONE if rate is None else percent(rate)
