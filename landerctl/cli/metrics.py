"""`landerctl metrics`."""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from checks.wording import duration
from daemon.store.reader import StoreError, StoreReader
from landerctl.cli.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples("landerctl metrics", "landerctl metrics --json | jq '.[].name'")


@dataclass(frozen=True)
class Metric:
    """A series and its newest sample."""

    name: str
    value: float
    time_s: float
    timesteps: int | None


def metrics(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List what is measured, with the newest value: the names that alert rules can use."""
    session = open_session(context, home, config)
    found: list[Metric] = []
    try:
        with StoreReader.open(session.paths.store) as reader:
            for name in reader.sample_names():
                # None where the daemon removes an old series between the two readings.
                found += [
                    Metric(name, newest.value, newest.time_s, newest.timesteps)
                    for newest in reader.series(name, max_points=2)[-1:]
                ]
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    if as_json:
        print(msgspec.json.encode(found).decode())
        return Exit.OK
    table = Table("METRIC", "VALUE", "AGE", box=None, pad_edge=False)
    now_s = time.time()
    for metric in found:
        table.add_row(metric.name, f"{metric.value:.6g}", duration(now_s - metric.time_s))
    Console().print(table)
    return Exit.OK
