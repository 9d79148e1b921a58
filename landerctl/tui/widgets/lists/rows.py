"""A table of rows with names of their own, rebuilt only when they change."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding
from textual.widgets import DataTable

Row = tuple[str, ...]
CELL_PADDING = 2


class RowsTable(DataTable[str]):
    """The cursor stays on its row when others come; columns that do not fit are left out."""

    # A table of whole rows has no use for them; the page has.
    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("left", "screen.older", "Evaluation", key_display="← →"),
        Binding("right", "screen.newer", show=False),
    ]

    def __init__(self, *, id: str, title: str, columns: Row) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self.border_title = title
        self._all_columns = columns
        self._rows: Mapping[str, Row] = {}
        self._shown: tuple[Row, Mapping[str, Row]] | None = None

    @property
    def selected(self) -> str | None:
        """The name of the row under the cursor; None if the table is empty."""
        names = list(self._rows)
        return names[self.cursor_row] if 0 <= self.cursor_row < len(names) else None

    def show_rows(self, rows: Mapping[str, Row]) -> None:
        """Show these rows, in their order."""
        columns = self._fitting(rows)
        if (columns, rows) == self._shown and list(rows) == list(self._rows):
            return
        kept = self.selected if self.cursor_row > 0 else None
        self._rows, self._shown = rows, (columns, rows)
        self.clear(columns=True)
        for column in columns:
            self.add_column(column, key=column)
        for name, row in rows.items():
            cells = dict(zip(self._all_columns, row, strict=True))
            self.add_row(*(cells[column] for column in columns), key=name)
        if kept is not None and kept in rows:
            self.move_cursor(row=list(rows).index(kept), animate=False)

    def on_resize(self) -> None:
        """Choose the columns again for the new width."""
        self.show_rows(self._rows)

    def _fitting(self, rows: Mapping[str, Row]) -> Row:
        """The first columns, as many as fit."""
        room = self.size.width - self.styles.scrollbar_size_vertical
        fitting: list[str] = []
        for k, column in enumerate(self._all_columns):
            room -= max([len(column), *(len(row[k]) for row in rows.values())]) + CELL_PADDING
            if room < 0:
                break
            fitting.append(column)
        return tuple(fitting)
