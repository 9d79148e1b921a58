"""`landerctl sweep export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.base.text.counted import counted
from landerctl.cli.commands.sweep.arguments import SweepName
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, named_path, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.sweeps.find import find_sweep
from landerctl.operations.sweeps.results.export import ExportFormat, write_export

EXAMPLES = examples(
    "landerctl sweep export rates.csv",
    "landerctl sweep export rates.parquet rates --format parquet",
)


class Exported(msgspec.Struct, frozen=True):
    """The JSON of `landerctl sweep export --json`."""

    sweep: str
    written: str
    rows: int


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=named_path, help="To write.")],
    sweep: SweepName = None,
    *,
    kind: Annotated[
        ExportFormat, typer.Option("--format", help="CSV, or Parquet (landerctl[parquet]).")
    ] = "csv",
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Write a sweep as a table, a row a leg.

    Each setting and each objective has a column.
    """
    found = find_sweep(open_session(context, home, config).paths, sweep)
    rows = write_export(found, kind, file)
    if as_json:
        print(msgspec.json.encode(Exported(found.id, str(file), rows)).decode())
    else:
        print(f"{file}: {counted(rows, 'row')}")
    return Exit.OK
