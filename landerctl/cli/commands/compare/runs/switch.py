"""`landerctl runs switch`."""

from __future__ import annotations

import sys

import typer

from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.named_run import NamedRun, named_run
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.runs.summary import summarize_run
from landerctl.operations.runs.switching import switch_run

EXAMPLES = examples(
    "landerctl runs switch baseline               then `landerctl start` resumes it"
)


def switch(
    context: typer.Context, run: NamedRun, home: Home = None, config: ConfigFile = None
) -> int:
    """Make another run the current one.

    `landerctl start` resumes it. No daemon may be running.
    """
    session = open_session(context, home, config)
    found = named_run(session, run)
    if found == current_run(session.paths):
        print(f"{read_metadata(found).name} ({found.id}) is the current run already")
        return Exit.OK
    fault = switch_run(session.paths, found)
    if fault is not None:
        print(f"no event was recorded: {fault}", file=sys.stderr)
    newest = summarize_run(found, current=True).newest
    where = (
        f"at {newest.id}, stage {newest.stage}, {newest.timesteps:,} steps"
        if newest
        else "without a checkpoint"
    )
    begin = "landerctl start --resume" if newest and newest.kind == "final" else "landerctl start"
    print(f"{read_metadata(found).name} ({found.id}) is the current run now, {where}")
    print(f"`{begin}` resumes it", file=sys.stderr)
    return Exit.OK
