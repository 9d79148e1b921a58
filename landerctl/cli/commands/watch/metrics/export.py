"""`landerctl metrics export`."""

from __future__ import annotations

import math
import time
from typing import Annotated

import typer

from daemon.store.reader import StoreError, StoreReader
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import RunId
from landerctl.cli.arguments.tables import Format, Output, check_target, write
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.commands.watch.metrics.names import find_run, require_metric
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.tables.destination import STANDARD_OUTPUT
from landerctl.operations.tables.samples import samples_table

EXAMPLES = examples(
    "landerctl metrics export --all --output metrics.parquet",
    "landerctl metrics export --all --all-runs --output metrics.csv",
    "landerctl metrics export rollout/ep_rew_mean time/fps --since 2h",
    "landerctl metrics export time/fps --format json | jq '.[-1]'",
)


def export(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="The metrics to write.", metavar="NAME", autocompletion=completer("metrics")
        ),
    ] = None,
    *,
    all_metrics: Annotated[bool, typer.Option("--all", help="All metrics.")] = False,
    run_id: RunId = None,
    all_runs: Annotated[bool, typer.Option("--all-runs", help="Of every run.")] = False,
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    kind: Format = None,
    output: Output = STANDARD_OUTPUT,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Write metrics as a table: a row a time and run, a column a metric.

    A cell is empty where the metric was not sampled at that time.
    """
    session, now_s = open_session(context, home, config), time.time()
    if bool(names) == all_metrics:
        raise Failure("name the metrics to export, or write --all for all of them", Exit.USAGE)
    if run_id is not None and all_runs:
        raise Failure("--run and --all-runs exclude each other", Exit.USAGE)
    kind = check_target(kind, output)
    since_s = moment(since, now_s) if since else 0.0
    until_s = moment(until, now_s) if until else math.inf
    try:
        with StoreReader.open(session.paths.store) as reader:
            known = reader.sample_names()
            for name in names or ():
                require_metric(name, known)
            runs = (
                sorted({one.run_id for one in reader.sessions()})
                if all_runs
                else [find_run(reader, session, run_id)]
            )
            table = samples_table(reader, names or known, runs, since_s=since_s, until_s=until_s)
            write(table, kind, output)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    return Exit.OK
