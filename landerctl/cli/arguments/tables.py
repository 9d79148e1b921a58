"""The options --format and --output of what is exported as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.base.text.counted import counted
from landerctl.cli.shared.session import named_path
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.tables.destination import STANDARD_OUTPUT, opened
from landerctl.operations.tables.formats import TableFormat, require_format, write_table
from landerctl.operations.tables.table import Table

Format = Annotated[
    TableFormat | None,
    typer.Option(
        "--format",
        help="CSV, a JSON array, or Parquet (landerctl[parquet]); by default what the ending of "
        "--output says, else CSV.",
        show_default=False,
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        parser=named_path,
        help="The file to write, which is replaced as a whole; - is standard output.",
    ),
]
_BY_ENDING: dict[str, TableFormat] = {".csv": "csv", ".parquet": "parquet", ".json": "json"}


def check_target(kind: TableFormat | None, output: Path) -> TableFormat:
    """The format to write. Raises Failure if it cannot be written there."""
    kind = kind or _BY_ENDING.get(output.suffix.lower(), "csv")
    require_format(kind)
    if kind == "parquet" and output == STANDARD_OUTPUT:
        raise Failure("--format parquet is not for standard output; add --output FILE", Exit.USAGE)
    return kind


def write(table: Table, kind: TableFormat, output: Path) -> None:
    """Write the table and say how many rows a file has. Raises Failure and StoreError."""
    with opened(output) as stream:
        rows = write_table(table, kind, stream)
    if output != STANDARD_OUTPUT:
        print(f"{output}: {counted(rows, 'row')}")
