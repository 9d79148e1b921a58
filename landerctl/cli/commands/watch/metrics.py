"""`landerctl metrics`."""

from __future__ import annotations

import csv
import difflib
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
from landerctl.cli.arguments.times import SINCE, moment
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl metrics                            all metrics with their newest values",
    "landerctl metrics rollout/ep_rew_mean --since 2h --csv",
    "landerctl metrics --json | jq '.[].name'",
)


@dataclass(frozen=True)
class Metric:
    """A series and its newest sample."""

    name: str
    value: float
    time_s: float
    timesteps: int | None


def metrics(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Show the values of this metric.", metavar="NAME")
    ] = None,
    *,
    since: Annotated[str | None, SINCE] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List the metrics with their newest values, or the values of one metric."""
    session = open_session(context, home, config)
    now_s = time.time()
    try:
        with StoreReader.open(session.paths.store) as reader:
            if name is None:
                _show_newest(_newest(reader), now_s, as_json, as_csv)
                return Exit.OK
            names = reader.sample_names()
            values = reader.series(name, since_s=moment(since, now_s) if since else 0.0)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else "see `landerctl metrics`"
        raise Failure(f"no metric named {name!r}; {hint}", Exit.NOT_FOUND)
    _show_values(values, as_json, as_csv)
    return Exit.OK


def _newest(reader: StoreReader) -> list[Metric]:
    # `newest` is None if the daemon removes an old series between the two reads.
    return [
        Metric(name, newest.value, newest.time_s, newest.timesteps)
        for name in reader.sample_names()
        if (newest := reader.newest(name)) is not None
    ]


def _show_newest(found: list[Metric], now_s: float, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif as_csv:
        _write_csv(
            ("name", "value", "time_s", "timesteps"),
            ((m.name, m.value, m.time_s, m.timesteps) for m in found),
        )
    else:
        table = Table("METRIC", "VALUE", "AGE", box=None, pad_edge=False)
        for metric in found:
            table.add_row(metric.name, f"{metric.value:.6g}", duration(now_s - metric.time_s))
        Console().print(table)


def _show_values(values: list[Sample], as_json: bool, as_csv: bool) -> None:
    if as_json:
        print(msgspec.json.encode(values).decode())
    elif as_csv:
        rows = ((sample.time_s, sample.timesteps, sample.value) for sample in values)
        _write_csv(("time_s", "timesteps", "value"), rows)
    else:
        table = Table("TIME", "STEPS", "VALUE", box=None, pad_edge=False)
        for sample in values:
            at = datetime.fromtimestamp(sample.time_s).strftime("%Y-%m-%d %H:%M:%S")
            steps = "" if sample.timesteps is None else f"{sample.timesteps:,}"
            table.add_row(at, steps, f"{sample.value:.6g}")
        Console().print(table)


def _write_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
