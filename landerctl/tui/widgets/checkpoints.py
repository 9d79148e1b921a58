"""The table of checkpoints and backups, the possible targets of a rollback."""

from __future__ import annotations

from textual.widgets import DataTable

from checks.wording import number, percent, size
from daemon.backup.restoring.restorable import Place, Restorable
from daemon.base.text.one_line import one_line
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import coarse_duration

Row = tuple[str, ...]
COLUMNS = ("Checkpoint", "Copies", "Stage", "Success", "Reward", "Age", "Size")
_CELL_PADDING = 2
_PLACES: dict[Place, str] = {"checkpoint": "run", "backup": "backup", "both": "run, backup"}


class CheckpointsPanel(DataTable[str]):
    """Newest first; the selection stays on its checkpoint when new ones arrive."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self.border_title = "Checkpoints and backups"
        self._restorables: tuple[Restorable, ...] = ()
        self._rows: dict[str, Row] = {}
        self._columns_shown: tuple[str, ...] = ()
        self._snapshot: Snapshot | None = None

    @property
    def selected(self) -> Restorable | None:
        """The row under the cursor; None if the table is empty."""
        if 0 <= self.cursor_row < len(self._restorables):
            return self._restorables[self.cursor_row]
        return None

    def select(self, id_: str) -> None:
        """Move the cursor to a checkpoint or backup, if it is listed."""
        if id_ in self._rows:
            self.move_cursor(row=list(self._rows).index(id_), animate=False)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; update only the cells that changed."""
        self._snapshot = snapshot
        rows = {item.id: table_row(item, snapshot.read_s) for item in snapshot.restorables}
        self.border_subtitle = subtitle(snapshot)
        columns = columns_for(self.size.width - self.styles.scrollbar_size_vertical, rows)
        if columns != self._columns_shown or list(rows) != list(self._rows):
            self._rebuild(columns, rows)
        else:
            for key, row in rows.items():
                for column, old, new in zip(COLUMNS, self._rows[key], row, strict=True):
                    if old != new and column in columns:
                        self.update_cell(key, column, new)
        self._rows, self._restorables = rows, snapshot.restorables

    def on_resize(self) -> None:
        """Choose the columns again for the new width."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def _rebuild(self, columns: tuple[str, ...], rows: dict[str, Row]) -> None:
        kept = self.selected
        chosen = self.has_focus or self.cursor_row > 0
        self.clear(columns=True)
        self._columns_shown = columns
        for column in columns:
            self.add_column(column, key=column)
        for key, row in rows.items():
            cells = dict(zip(COLUMNS, row, strict=True))
            self.add_row(*(cells[column] for column in columns), key=key)
        # A cursor that was never moved stays on the newest row, a moved one on its checkpoint.
        if kept is not None and chosen and kept.id in rows:
            self.move_cursor(row=list(rows).index(kept.id), animate=False)


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


def _copies(item: Restorable) -> str:
    parts = [_PLACES[item.place], *(["imported"] if item.imported else [])]
    return f"{', '.join(parts)}{' ◆' if item.tag.pinned else ''}"


def columns_for(width: int, rows: dict[str, Row]) -> tuple[str, ...]:
    """The columns that fit into `width` cells; drops Size, Reward, Copies in that order."""
    needed = {
        column: max([len(column), *(len(row[index]) for row in rows.values())]) + _CELL_PADDING
        for index, column in enumerate(COLUMNS)
    }
    columns = list(COLUMNS)
    for optional in ("Size", "Reward", "Copies"):
        if sum(needed[column] for column in columns) <= width:
            break
        columns.remove(optional)
    return tuple(columns)


def subtitle(snapshot: Snapshot) -> str:
    """The number of damaged entries, which the log and `landerctl backups` name; or why it is
    empty."""
    damaged = len(snapshot.damaged)
    if damaged:
        return f"▲ {damaged} damaged, not listed"
    return "" if snapshot.restorables else "none yet: saved while training runs"
