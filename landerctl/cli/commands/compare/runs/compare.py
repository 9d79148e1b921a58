"""`landerctl runs compare`."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from daemon.base.files import write_atomically
from daemon.base.paths import RunPaths
from daemon.base.text.one_line import one_line
from daemon.runs.references import UnknownRunError, resolve_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Json,
    Session,
    examples,
    named_path,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.compare import wording
from landerctl.operations.compare.comparison import Comparison, compare
from landerctl.operations.compare.lines import Over
from landerctl.operations.compare.metrics import CHOICES, DEFAULTS, Metric, metric_of
from landerctl.operations.compare.tables import ComparedTable, tables
from landerctl.plots.matplotlib_folder import prepare_matplotlib

EXAMPLES = examples(
    "landerctl runs compare base wide",
    "landerctl runs compare base wide --metric success --metric kl --over hours",
    "landerctl runs compare base wide current --out compared.html",
    "landerctl runs compare base wide --json | jq '.settings[]'",
)
MOST_RUNS, FEWEST_RUNS = len(wording.LETTERS), 2
_SUFFIXES = (".png", ".svg", ".html")
_WIDEST = 120


class Along(Enum):
    """Values of `--over`."""

    STEPS = "steps"
    HOURS = "hours"


_OVER: dict[Along | None, tuple[Over, ...]] = {
    Along.STEPS: ("steps",),
    Along.HOURS: ("hours",),
    None: ("steps", "hours"),
}


def compare_runs(
    context: typer.Context,
    *,
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="Two to six runs, each by its id or name, or 'current'; the first is the one "
            "that the others are compared with.",
            autocompletion=completer("runs"),
            show_default=False,
        ),
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A curve to draw; can be given several times (default: success and reward).",
            autocompletion=completer(words=CHOICES),
            show_default=False,
        ),
    ] = None,
    over: Annotated[
        Along | None,
        typer.Option(
            help="What curves are drawn over (default: steps; in a file steps and hours).",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=named_path,
            help="Write the curves into a .png or .svg, or everything into an .html file.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Compare runs: settings, curves, gates, evaluations, resources.

    Says whether a difference between their newest evaluations is one, and by which test.
    """
    session = open_session(context, home, config)
    if out is not None and out.suffix not in _SUFFIXES:
        raise Failure(f"--out {out}: expected a name in {', '.join(_SUFFIXES)}", Exit.USAGE)
    metrics = [metric_of(name) for name in dict.fromkeys(metric or DEFAULTS)]
    found = _find(session, runs)
    try:
        comparison = compare(session.paths, found)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if out is not None:
        _write(comparison, metrics, _OVER[over], out)
    if as_json:
        print(msgspec.json.encode(_facts(comparison, metrics)).decode())
    elif out is not None:
        print(out)
    else:
        _show(comparison, metrics, over or Along.STEPS)
    return Exit.OK


def _find(session: Session, names: list[str]) -> list[RunPaths]:
    try:
        found = [resolve_run(session.paths, name) for name in names]
    except UnknownRunError as error:
        raise Failure(str(error), Exit.NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    for place, run in enumerate(found):
        if run in found[:place]:
            raise Failure(f"{names[place]}: run {run.id} is named twice", Exit.USAGE)
    if not FEWEST_RUNS <= len(found) <= MOST_RUNS:
        raise Failure(
            f"{len(found)} named: expected {FEWEST_RUNS} to {MOST_RUNS} runs; "
            "`landerctl runs` lists them",
            Exit.USAGE,
        )
    return found


def _facts(comparison: Comparison, metrics: list[Metric]) -> dict[str, Any]:
    """Everything but the curves, of which only those asked for: many of them are large."""
    facts: dict[str, Any] = msgspec.to_builtins(comparison)
    del facts["lines"]
    word, _ = wording.verdict(comparison)
    curves = {
        metric.series: [
            {
                "inherited": msgspec.to_builtins(run.inherited.points(metric.series)),
                "own": msgspec.to_builtins(run.own.points(metric.series)),
            }
            for run in comparison.lines
        ]
        for metric in metrics
    }
    return facts | {"verdict": word, "remarks": wording.remarks(comparison), "curves": curves}


def _write(
    comparison: Comparison, metrics: list[Metric], over: tuple[Over, ...], out: Path
) -> None:
    prepare_matplotlib()
    # matplotlib takes most of a second to import.
    from landerctl.plots.compared import save_curves  # noqa: PLC0415
    from landerctl.report import html  # noqa: PLC0415
    from landerctl.report.comparison import build, picture  # noqa: PLC0415

    try:
        if out.suffix == ".html":
            along = over if _has_curves(comparison) else ()
            pictures = [picture(comparison, metrics, one) for one in along]
            content = html.render(build(comparison, pictures))
            write_atomically(out, content.encode("utf-8", "backslashreplace"))
        else:
            save_curves(comparison, metrics, over, out, "svg" if out.suffix == ".svg" else "png")
    except OSError as error:
        text = f"{error.filename or out}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file with --out", Exit.CANNOT_WRITE) from None


def _has_curves(comparison: Comparison) -> bool:
    return any(run.own.rows or run.inherited.rows for run in comparison.lines)


def _show(comparison: Comparison, metrics: list[Metric], over: Along) -> None:
    # It imports what the screen's plots need.
    from landerctl.cli.commands.compare.runs.curve_plot import curve_plot, heading  # noqa: PLC0415

    console = Console(highlight=False)
    for table in tables(comparison):
        console.print(_rich(table))
        console.print()
    word, summary = wording.verdict(comparison)
    lines = [f"{word}. {summary}", *wording.lacking(comparison), *wording.remarks(comparison)]
    for line in lines:
        console.print(one_line(line), markup=False)
    width = min(console.width, _WIDEST)
    for metric in metrics:
        along = _OVER[over][0]
        console.print(f"\n{heading(metric, along)}", style="bold", markup=False)
        rows = curve_plot(comparison, metric, along, width)
        console.print(*(rows or [Text("no run has it")]), sep="\n")
    for note in comparison.notes:
        print(f"landerctl: {one_line(note)}", file=sys.stderr)


def _rich(table: ComparedTable) -> Table:
    shown = Table(
        title=table.title, title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for name in table.head:
        shown.add_column(one_line(name), overflow="fold")
    for row in table.rows:
        shown.add_row(*map(one_line, row))
    return shown
