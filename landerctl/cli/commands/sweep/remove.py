"""`landerctl sweep rm`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from checks.wording import size
from daemon.base.text.counted import counted
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.prompt import confirm
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep
from landerctl.operations.sweeps.removal import (
    finish_sweep_removals,
    remove_sweep,
    sweep_bytes,
    trial_folders,
)
from landerctl.operations.sweeps.running import refuse_running

EXAMPLES = examples(
    "landerctl sweep rm rates",
    "landerctl sweep rm rates --yes",
)


def remove(
    context: typer.Context,
    # No default: the newest sweep is not removed by mistake.
    sweep: Annotated[
        str,
        typer.Argument(metavar="SWEEP", help="A sweep's name.", autocompletion=completer("sweeps")),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Remove a sweep with all its trials.

    Their runs, checkpoints and backups too. It asks first, and refuses a sweep that runs.
    """
    paths = open_session(context, home, config).paths
    finish_sweep_removals(paths)
    found = find_sweep(paths, sweep)
    refuse_running(found, f"stop it with `landerctl sweep stop {found.id}`")
    trials = counted(trial_folders(found), "trial folder")
    freed = size(sweep_bytes(found))
    if not yes:
        print(f"Sweep {found.id}: {trials}, {freed} in {found.folder}")
        if not sys.stdin.isatty():
            raise Failure("not a terminal; confirm the removal with --yes", Exit.USAGE)
        confirm("Remove this for good?")
    remove_sweep(found)
    print(f"Sweep {found.id} removed ({trials}, {freed})")
    return Exit.OK
