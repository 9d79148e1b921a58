"""The table of `landerctl runs`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from checks.wording import duration, percent
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from landerctl.operations.runs.summary import RunSummary


def show(found: Sequence[RunSummary], paths: StatePaths, now_s: float) -> None:
    """Print the table; `*` marks the current run."""
    if not found:
        print(f"{paths.home}: no run yet; `landerctl start` creates one", file=sys.stderr)
        return
    table = Table("", "NAME", "STEPS", "STAGE", "SUCCESS", "AGE", "TAGS", "ID", box=None)
    for run in found:
        newest = run.newest
        table.add_row(
            "*" if run.current else "",
            one_line(run.name),
            f"{newest.timesteps:,}" if newest else "0",
            str(newest.stage) if newest else "",
            percent(newest.success_rate) if newest else "",
            duration(now_s - run.metadata.created_s),
            one_line(" ".join(run.metadata.tags)),
            run.id,
        )
    console = Console()
    console.width = max(console.width, 120)  # nothing is cut: an id alone takes half of a line
    console.print(table)
