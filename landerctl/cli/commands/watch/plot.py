"""`landerctl plot`."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.base.files import make_private_folder
from daemon.protocol.flight import REFERENCE
from landerctl.cli.arguments.checkpoints import find_checkpoint, run_config
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import find_run_folder, split_run
from landerctl.cli.shared.session import ConfigFile, Home, examples, named_path, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.plots.matplotlib_folder import prepare_matplotlib

if TYPE_CHECKING:
    from landerctl.plots.style import Format

EXAMPLES = examples(
    "landerctl plot",
    "landerctl plot --out report/ --format svg",
    "landerctl plot --run 20261123-004146-curriculum-ppo-1223",
    "landerctl plot --run quiet-crater/newest --format png",
)


class Kind(Enum):
    """Values of `--format`."""

    PNG = "png"
    SVG = "svg"
    BOTH = "both"


_FORMATS: dict[Kind, list[Format]] = {
    Kind.PNG: ["png"],
    Kind.SVG: ["svg"],
    Kind.BOTH: ["png", "svg"],
}


def plot(
    context: typer.Context,
    *,
    run_id: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN[/STATE]",
            help="A run, by its id or name (default: the current one); with a state: the "
            "landings of its newest evaluation, not of the run's.",
            autocompletion=completer("states"),
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=named_path,
            help="Output folder (default: plots/ in the run's folder).",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[Kind, typer.Option("--format", help="File format.")] = Kind.BOTH,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Draw training curves, and touchdowns and descents of the newest evaluation."""
    session = open_session(context, home, config)
    if run_id is None:
        run, state = find_run_folder(session, None, "to draw"), ""
    else:
        run, state = split_run(session, run_id)
    settings = run_config(run)
    if state not in ("", REFERENCE):
        state = find_checkpoint(session, run, state).name
    prepare_matplotlib()
    # It takes most of a second to import; only this verb needs it.
    from landerctl.plots.report import draw_report  # noqa: PLC0415

    folder = out or run.plots
    try:
        make_private_folder(folder.absolute(), parents=out is not None)
        report = draw_report(
            session.paths.store, run, settings, folder, _FORMATS[kind], state=state or None
        )
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    if not report.written:
        raise Failure("; ".join(report.missing), Exit.NOT_FOUND)
    for path in report.written:
        print(path)
    for line in report.missing:
        print(f"landerctl: not drawn: {line}", file=sys.stderr)
    return Exit.OK
