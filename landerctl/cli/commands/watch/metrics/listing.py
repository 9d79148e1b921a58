"""`landerctl metrics` without a verb of its own."""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from checks.wording import duration
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Sample
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import RunId
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.commands.watch.metrics.names import find_run, require_metric
from landerctl.cli.shared.group_with_argument import verb_follows
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl metrics                            all metrics with their newest values",
    "landerctl metrics rollout/ep_rew_mean --since 2h --csv",
    "landerctl metrics time/fps --run 20261123-004146-curriculum-ppo-1223",
    "landerctl metrics --json | jq '.[].name'",
    "landerctl metrics export --all --output metrics.parquet",
)
# What may stand in place of a metric's name.
VERBS = {
    "export": "Write metrics as a table.",
    "push": "Send the current values to a Prometheus Pushgateway.",
}


@dataclass(frozen=True)
class Metric:
    """A series and a run's newest sample of it."""

    name: str
    value: float
    time_s: float
    timesteps: int | None
    run_id: str


class Value(Sample, frozen=True):
    """A sample, and the run that it is of."""

    run_id: str


def metrics(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="Show the values of this metric.",
            metavar="NAME",
            autocompletion=completer("metrics", words=VERBS),
        ),
    ] = None,
    *,
    run_id: RunId = None,
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List a run's metrics with their newest values, or the values of one metric."""
    if verb_follows(context):
        return Exit.OK
    session = open_session(context, home, config)
    now_s = time.time()
    since_s = moment(since, now_s) if since else 0.0
    until_s = moment(until, now_s) if until else math.inf
    try:
        with StoreReader.open(session.paths.store) as reader:
            names = reader.sample_names()
            run = find_run(reader, session, run_id)
            if name is None:
                found = _newest(reader, names, run, since_s, until_s)
                _show_newest(found, now_s, as_json, as_csv)
                return Exit.OK
            samples = reader.samples_of_run(name, run, since_s=since_s, until_s=until_s)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    require_metric(name, names, VERBS)
    _show_values([Value(s.time_s, s.timesteps, s.value, run) for s in samples], as_json, as_csv)
    return Exit.OK


def _newest(
    reader: StoreReader, names: Sequence[str], run: str, since_s: float, until_s: float
) -> list[Metric]:
    return [
        Metric(name, newest.value, newest.time_s, newest.timesteps, run)
        for name in names
        if (newest := reader.newest_of_run(name, run, since_s=since_s, until_s=until_s)) is not None
    ]


def _show_newest(found: list[Metric], now_s: float, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif as_csv:
        _write_csv(
            ("name", "value", "time_s", "timesteps", "run_id"),
            ((m.name, m.value, m.time_s, m.timesteps, m.run_id) for m in found),
        )
    else:
        table = Table("METRIC", "VALUE", "AGE", "RUN", box=None, pad_edge=False)
        for metric in found:
            age = duration(now_s - metric.time_s)
            table.add_row(metric.name, f"{metric.value:.6g}", age, metric.run_id)
        _print(table)


def _show_values(values: list[Value], as_json: bool, as_csv: bool) -> None:
    if as_json:
        print(msgspec.json.encode(values).decode())
    elif as_csv:
        rows = ((one.time_s, one.timesteps, one.value, one.run_id) for one in values)
        _write_csv(("time_s", "timesteps", "value", "run_id"), rows)
    else:
        table = Table("TIME", "STEPS", "VALUE", "RUN", box=None, pad_edge=False)
        for sample in values:
            at = datetime.fromtimestamp(sample.time_s).strftime("%Y-%m-%d %H:%M:%S")
            steps = "" if sample.timesteps is None else f"{sample.timesteps:,}"
            table.add_row(at, steps, f"{sample.value:.6g}", sample.run_id)
        _print(table)


def _print(table: Table) -> None:
    console = Console()
    # Nothing is cut: a run's id alone takes half of a terminal's line.
    console.width = max(console.width, 120)
    console.print(table)


def _write_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
