"""Names and tags that a user gives to runs: what they may be, and that a name is free."""

from __future__ import annotations

import re
from collections.abc import Sequence

from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.metadata import read_metadata
from daemon.runs.names import name_fault
from daemon.runs.run_folder import all_runs
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

LONGEST_TAG = 40  # characters
_TAG = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:=-]{{0,{LONGEST_TAG - 1}}}")


def check_name(paths: StatePaths, name: str, run: RunPaths | None = None) -> None:
    """Raise Failure for a name that is invalid or another run's. `run`: the one that gets it."""
    if fault := name_fault(name):
        raise Failure(f"name {name!r}: {fault}", Exit.USAGE)
    for other in all_runs(paths):
        if other != run and read_metadata(other).name == name:
            raise Failure(f"name {name!r}: run {other.id} has it; choose another", Exit.USAGE)


def check_tags(tags: Sequence[str]) -> None:
    """Raise Failure for an invalid tag."""
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise Failure(
                f"tag {tag!r}: expected up to {LONGEST_TAG} letters, digits or . _ : = -",
                Exit.USAGE,
            )
