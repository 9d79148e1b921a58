"""The table of checkpoints and backups, the possible targets of a rollback."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Self

from textual.geometry import Region, Size
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

from checks.wording import number, percent, size
from daemon.backup.restoring.restorable import Place, Restorable
from daemon.base.text.one_line import one_line
from landerctl.program import program
from landerctl.tui.data.snapshot import Removed, Snapshot
from landerctl.tui.format import coarse_duration
from landerctl.tui.widgets.lines import entitle

Row = tuple[str, ...]
_Drawn = tuple[tuple[Restorable, ...], tuple[Removed, ...], float, Size]
COLUMNS = ("Checkpoint", "Copies", "Stage", "Success", "Reward", "Age", "Size")
_CELL_PADDING = 2
_AGE_CELLS = len("59 min")  # so that an age that grows does not move the columns
AGE_TICK_S = 10.0
_PLACES: dict[Place, str] = {"checkpoint": "run", "backup": "backup", "both": "run, backup"}


class CheckpointsPanel(DataTable[str]):
    """Newest first; the selection stays on its checkpoint when new ones arrive."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        self._updating = False
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self.border_title = "Checkpoints and backups"
        self._restorables: tuple[Restorable, ...] = ()
        self._rows: list[Row] = []
        self._columns_shown: dict[str, int] = {}
        self._drawn: _Drawn | None = None
        self._snapshot: Snapshot | None = None

    @property
    def selected(self) -> Restorable | None:
        """The row under the cursor; None if the table is empty, or if it was removed since."""
        if 0 <= self.cursor_row < len(self._restorables):
            return self._restorables[self.cursor_row]
        return None

    def select(self, id_: str) -> None:
        """Move the cursor to a checkpoint or backup, if it is listed."""
        ids = [item.id for item in self._restorables]
        if id_ in ids:
            self.move_cursor(row=ids.index(id_), animate=False)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; update only the cells that changed."""
        self._snapshot = snapshot
        entitle(self, subtitle=subtitle(snapshot))
        if not self.display:
            return
        # All ages tick at the same moments, in one paint.
        now_s = snapshot.read_s - snapshot.read_s % AGE_TICK_S
        removed = snapshot.past.removed if snapshot.past is not None else ()
        if (snapshot.restorables, removed, now_s, self.size) == self._drawn:
            return
        self._drawn = snapshot.restorables, removed, now_s, self.size
        rows = [table_row(item, now_s) for item in snapshot.restorables]
        rows += [removed_row(item, now_s) for item in removed]
        width = self.size.width - self.styles.scrollbar_size_vertical
        kept, chosen = self.selected, self.has_focus or self.cursor_row > 0
        self._restorables = snapshot.restorables
        columns = columns_for(width, rows)
        if columns != self._columns_shown or len(rows) != len(self._rows):
            self._rebuild(columns, rows)
        else:
            self._update_rows(columns, rows)
        self._rows = rows
        # A cursor that was never moved stays on the newest row, a moved one on its checkpoint.
        ids = [item.id for item in snapshot.restorables]
        if kept is not None and chosen and kept.id in ids:
            self.move_cursor(row=ids.index(kept.id), animate=False)

    def on_resize(self) -> None:
        """Choose the columns again for the new width."""
        self.on_show()

    def on_show(self) -> None:
        """Show what came while the panel was hidden."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Repaint regions of the table or all of it, but not all for each updated cell."""
        if self._updating:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """Textual measures every cell, although all columns have a width: 50 ms for 400 rows."""
        super()._update_dimensions(())

    def _update_rows(self, columns: Container[str], rows: list[Row]) -> None:
        for at, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old == new:
                continue
            self._updating = True
            for index, column in enumerate(COLUMNS):
                if old[index] != new[index] and column in columns:
                    self.update_cell(str(at), column, new[index])
            self._updating = False
            self.refresh_row(at)
        if rows != self._rows:
            # Their keys have the number of updates: what is in them is never found again, and up
            # to 10,000 cells are 10 MB.
            self._clear_caches()

    def _rebuild(self, columns: dict[str, int], rows: list[Row]) -> None:
        self.clear(columns=True)
        self._columns_shown = columns
        for column, width in columns.items():
            self.add_column(column, key=column, width=width)
        shown = [index for index, column in enumerate(COLUMNS) if column in columns]
        for at, row in enumerate(rows):
            self.add_row(*(row[index] for index in shown), key=str(at))


def table_row(item: Restorable, now_s: float) -> Row:
    """The cells in the order of COLUMNS."""
    manifest = item.manifest
    return (
        one_line(manifest.id),
        _copies(item),
        str(manifest.stage),
        percent(manifest.success_rate) if manifest.success_rate is not None else "–",
        number(manifest.reward_mean) if manifest.reward_mean is not None else "–",
        coarse_duration(now_s - manifest.created_s),
        size(manifest.size_bytes),
    )


def removed_row(item: Removed, now_s: float) -> Row:
    """The cells of a checkpoint that existed then and cannot be restored any more."""
    age = coarse_duration(now_s - item.created_s)
    return (item.id, "removed since", "–", "–", "–", age, size(item.size_bytes))


def _copies(item: Restorable) -> str:
    parts = [_PLACES[item.place], *(["imported"] if item.imported else [])]
    return f"{', '.join(parts)}{' ◆' if item.tag.pinned else ''}"


def columns_for(width: int, rows: list[Row]) -> dict[str, int]:
    """The columns that fit into `width` cells, with their widths without padding.

    Drops Size, Reward, Copies in that order.
    """
    columns = {
        column: max([len(column), *(len(row[index]) for row in rows)])
        for index, column in enumerate(COLUMNS)
    }
    columns["Age"] = max(columns["Age"], _AGE_CELLS)
    for optional in ("Size", "Reward", "Copies"):
        if sum(columns.values()) + _CELL_PADDING * len(columns) <= width:
            break
        del columns[optional]
    return columns


def subtitle(snapshot: Snapshot) -> str:
    """The number of damaged entries, which the log and `landerctl backups` name; how many that
    verb lists besides; or why it is empty."""
    damaged = len(snapshot.damaged)
    if damaged:
        return f"▲ {damaged} damaged, not listed"
    if snapshot.older_states:
        return f"{snapshot.older_states:,} older: {program()} backups"
    unknown = snapshot.backups is None  # not listed yet
    return "" if snapshot.restorables or unknown else "none yet: saved while training runs"
