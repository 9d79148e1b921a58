"""`landerctl benchmarks`."""

from __future__ import annotations

import os
import time

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.checklist.facts import Facts
from checks.checklist.gather import gather_facts
from checks.checklist.performance.benchmarks import (
    BENCHMARKS,
    Benchmark,
    BenchmarkRow,
    judge_benchmark,
)
from checks.checklist.performance.first_hour import first_hour_of
from checks.checklist.table.benchmarks import EXPECTED
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.keep_measured import keep_measured

EXAMPLES = examples(
    "landerctl benchmarks",
    "landerctl benchmarks --json | jq '.[] | select(.row.holds == false)'",
)
_VERDICTS = {True: ("ok", ""), False: ("FAILS", "red"), None: ("-", "dim")}


class Output(msgspec.Struct, frozen=True):
    """A row of `landerctl benchmarks --json`: the document's columns, and the run's figures."""

    metric: str
    expected: str
    alert: str
    row: BenchmarkRow


def benchmarks(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """Show the checklist's benchmarks with this run's figures and verdicts."""
    session = open_session(context, home, config)
    settings = session.load_config()
    facts = gather_facts(session.paths, time.time(), session.config_files, os.environ)
    keep_measured(session.paths, facts)
    rules = {rule.name: rule for rule in settings.alerts}
    first_hour = first_hour_of(facts.performance, facts.ledger, facts.address)
    texts = {line.id: line.text for line in EXPECTED.lines}
    rows = []
    for row in BENCHMARKS:
        metric, expected, alert = texts[f"benchmarks.{row.name}"].split(" | ")
        found = judge_benchmark(row, facts.performance, rules, settings.checklist, first_hour)
        rows.append(Output(metric, expected, alert, found))
    if as_json:
        print(msgspec.json.encode(rows).decode())
    else:
        _show(rows, facts)
    return Exit.FAILED if any(one.row.holds is False for one in rows) else Exit.OK


def _show(rows: list[Output], facts: Facts) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("METRIC", "EXPECTED", "ALERT", "NOW", "1ST HOUR", ""):
        table.add_column(name)
    for benchmark, found in zip(BENCHMARKS, rows, strict=True):
        row = found.row
        verdict, style = _VERDICTS[row.holds]
        if row.holds and row.reaches is False:
            verdict, style = "slower than its first hour", "yellow"
        cells = (
            found.metric,
            found.expected,
            _threshold(benchmark, row),
            _shown(benchmark, row.measured),
            _shown(benchmark, row.first_hour),
            verdict,
        )
        table.add_row(*(Text(cell, style) for cell in cells))
    console = Console(highlight=False)
    console.print(table)
    waiting = sorted({one.row.text for one in rows if one.row.holds is None})
    for text in waiting:
        console.print(Text(f"- {text}"))


def _threshold(benchmark: Benchmark, row: BenchmarkRow) -> str:
    if row.threshold is None:
        return "no rule"
    return f"{'<' if row.below else '>'} {benchmark.shown(row.threshold)}"


def _shown(benchmark: Benchmark, value: float | None) -> str:
    return "-" if value is None else benchmark.shown(value)
