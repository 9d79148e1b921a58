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
from landerctl.operations.sweeps.results.comparison import SweepComparison, comparison
from landerctl.plots.matplotlib_folder import prepare_matplotlib

EXAMPLES = examples(
    "landerctl sweep compare",
    "landerctl sweep compare rates --out rates.png",
    "landerctl sweep compare rates --json | jq .verdict",
)
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
            help="Draw curves, settings and rungs into a .png or .svg file.",
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
    if out is not None and out.suffix not in (".png", ".svg"):
        raise Failure(f"--out {out}: expected a name that ends in .png or .svg", Exit.USAGE)
    found = find_sweep(open_session(context, home, config).paths, sweep)
    spec = spec_of(found)
    with opened(found) as store:
        trials, legs = store.trials(), store.legs()
    compared = comparison(spec, trials, legs)
    if out is not None:
        _draw(found, spec, trials, legs, compared=compared, out=out)
    if as_json:
        print(msgspec.json.encode(compared.facts()).decode())
    elif out is not None:
        print(out)
    else:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        print("\n".join(map(one_line, compared.lines(width))))
    return Exit.OK


def _draw(
    sweep: SweepPaths,
    spec: SweepSpec,
    trials: Sequence[Trial],
    legs: Sequence[Leg],
    *,
    compared: SweepComparison,
    out: Path,
) -> None:
    prepare_matplotlib()
    # matplotlib takes most of a second to import.
    from landerctl.operations.sweeps.results.curves import (  # noqa: PLC0415
        curve_of,
        read_trial_curves,
    )
    from landerctl.plots.sweep.figure import (  # noqa: PLC0415
        MOST_DRAWN,
        SweepPicture,
        save_sweep,
    )

    metric = curve_of(spec.objectives[0])
    groups = [one.standing.group for one in compared.sets[:MOST_DRAWN]]
    try:
        curves = {
            group: read_trial_curves(sweep, [t for t in trials if t.group == group], metric)
            for group in groups
        }
        picture = SweepPicture(sweep.id, spec, compared, legs, metric, curves)
        save_sweep(picture, out, "svg" if out.suffix == ".svg" else "png")
    except OSError as error:
        text = f"{error.filename or out}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file with --out", Exit.CANNOT_WRITE) from None
