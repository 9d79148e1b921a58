"""Writing a table to a stream of bytes as CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from typing import Any, BinaryIO, Literal

import msgspec

from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.tables.table import Cell, Kind, Table

TableFormat = Literal["csv", "parquet", "json"]
BATCH_CELLS = 50_000  # encoded at once: some megabytes of Python's numbers
GROUP_BATCHES = 10  # batches in a row group of Parquet, all held until it is written


def require_format(kind: TableFormat) -> None:
    """Raises Failure if the format needs a package that is not installed."""
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise Failure(
            "--format parquet needs a package that is not installed: "
            "pip install 'landerctl[parquet]', or take --format csv",
            Exit.USAGE,
        )


def write_table(table: Table, kind: TableFormat, stream: BinaryIO) -> int:
    """Write all rows; returns how many. Raises OSError, and what reading the rows raises."""
    return _WRITERS[kind](table, stream)


def _csv(table: Table, stream: BinaryIO) -> int:
    """RFC 4180 in UTF-8, lines ending with LF; no value is empty, not a number is ``nan``."""
    count = 0
    # The header goes with the first batch, and alone if there is none.
    for rows in _batches(table, head=[list(table.columns)]):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        stream.write(text.getvalue().encode())
        count += len(rows)
    return count - 1


def _json(table: Table, stream: BinaryIO) -> int:
    """An array, one object a line. What has no value is left out; not a number is null."""
    count, names, kinds = 0, list(table.columns), list(table.columns.values())
    stream.write(b"[")
    for rows in _batches(table):
        lines = [
            msgspec.json.encode(
                {
                    name: _json_cell(kind, cell)
                    for name, kind, cell in zip(names, kinds, row, strict=True)
                    if cell is not None
                }
            )
            for row in rows
        ]
        stream.write((b",\n" if count else b"\n") + b",\n".join(lines))
        count += len(rows)
    stream.write(b"\n]\n")
    return count


def _json_cell(kind: Kind, cell: Cell) -> object:
    if kind == "json":
        return msgspec.Raw(str(cell).encode())
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _parquet(table: Table, stream: BinaryIO) -> int:
    # Its own allocator keeps 10 MB more of what is freed. `set_memory_pool` is not for its writer.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    import pyarrow  # noqa: PLC0415 - an extra, and for those who want it
    import pyarrow.parquet  # noqa: PLC0415

    from landerctl.operations.tables.arrow import TYPES, arrow_array  # noqa: PLC0415

    kinds = table.columns.values()
    schema = pyarrow.schema([(name, TYPES[kind]) for name, kind in table.columns.items()])
    count = 0

    def encoded(rows: Sequence[Sequence[Cell]]) -> Any:
        columns = zip(*rows, strict=True)
        arrays = [arrow_array(kind, cells) for kind, cells in zip(kinds, columns, strict=True)]
        return pyarrow.record_batch(arrays, schema=schema)

    batches = _batches(table)
    with pyarrow.parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := [encoded(rows) for rows in islice(batches, GROUP_BATCHES)]:
            writer.write_table(pyarrow.Table.from_batches(group))
            count += sum(batch.num_rows for batch in group)
            group.clear()  # before the next ones are read
    return count


_WRITERS: Mapping[TableFormat, Callable[[Table, BinaryIO], int]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
}


def _batches(
    table: Table, head: Sequence[Sequence[Cell]] = ()
) -> Iterator[Sequence[Sequence[Cell]]]:
    size = max(1, BATCH_CELLS // len(table.columns))
    batch = [*head, *islice(table.rows, size)]
    while batch:
        yield batch
        batch = list(islice(table.rows, size))
