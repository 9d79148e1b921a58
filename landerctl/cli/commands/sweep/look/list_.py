"""`landerctl sweep` and `landerctl sweep list`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import msgspec
import typer

from checks.wording import duration, short_number
from daemon.sweeps.paths import SweepPaths
from landerctl.cli.commands.sweep.look.status_lines import counts_text
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import all_sweeps
from landerctl.operations.sweeps.read import status_of
from landerctl.operations.sweeps.status import SweepStatus

EXAMPLES = examples(
    "landerctl sweep list",
    "landerctl sweep list --json | jq '.[].name'",
)


def list_(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the sweeps of this state folder, the newest first."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    paths = open_session(context, home, config).paths
    found, faults = _read(all_sweeps(paths))
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif found or faults:
        rows = [("NAME", "STATE", "STEPS", "AGE", "TRIALS")]
        for one in found:
            age = "" if one.began_s is None else duration(time.time() - one.began_s)
            rows.append((one.name, one.state, short_number(one.steps), age, counts_text(one)))
        print("\n".join(aligned(rows)))
    else:
        print(
            f"{paths.home}: no sweep yet; `landerctl sweep run FILE` creates one", file=sys.stderr
        )
    for fault in faults:
        print(f"cannot be read: {fault}", file=sys.stderr)
    return Exit.OK


def _read(sweeps: Sequence[SweepPaths]) -> tuple[list[SweepStatus], list[str]]:
    """How the sweeps stand, and why others cannot be read."""
    found, faults = [], []
    for sweep in sweeps:
        try:
            found.append(status_of(sweep, most=0))
        except Failure as failure:
            faults.append(failure.text)
    return found, faults
