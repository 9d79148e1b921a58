"""`landerctl sweep compare`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.base.text.one_line import one_line
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.cli.commands.sweep.arguments import SweepName
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Json,
    examples,
    named_path,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep, opened
from landerctl.operations.sweeps.read import spec_of
from landerctl.operations.sweeps.results.comparison import comparison
from landerctl.plots.matplotlib_folder import prepare_matplotlib

EXAMPLES = examples(
    "landerctl sweep compare",
    "landerctl sweep compare rates --out rates.png",
    "landerctl sweep compare rates --json | jq .verdict",
)
_SUFFIXES = (".png", ".svg", ".html")
_WIDEST = 120


def compare(
    context: typer.Context,
    sweep: SweepName = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=named_path,
            help="Draw curves, settings and rungs into a .png or .svg, or write everything into "
            "an .html file.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Compare the settings: which is better, and by how much?

    Of one configuration with several seeds: its interquartile mean and interval.
    """
    if out is not None and out.suffix not in _SUFFIXES:
        raise Failure(f"--out {out}: expected a name in {', '.join(_SUFFIXES)}", Exit.USAGE)
    found = find_sweep(open_session(context, home, config).paths, sweep)
    spec = spec_of(found)
    with opened(found) as store:
        trials, legs = store.trials(), store.legs()
    compared = comparison(spec, trials, legs)
    if out is not None:
        _write(found, spec, trials, legs, out)
    if as_json:
        print(msgspec.json.encode(compared.facts()).decode())
    elif out is not None:
        print(out)
    else:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        print("\n".join(map(one_line, compared.lines(width))))
    return Exit.OK


def _write(
    sweep: SweepPaths, spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg], out: Path
) -> None:
    prepare_matplotlib()
    # matplotlib takes most of a second to import.
    from landerctl.report.sweep import write_comparison  # noqa: PLC0415

    try:
        write_comparison(sweep, spec, trials, legs, out)
    except OSError as error:
        text = f"{error.filename or out}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file with --out", Exit.CANNOT_WRITE) from None
