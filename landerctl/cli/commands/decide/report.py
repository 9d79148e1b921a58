"""`landerctl report`."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.paths import RunPaths
from daemon.config import ConfigError
from daemon.config.frozen import load_frozen
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.run_folder import current_run
from landerctl.cli.shared.ledger import judge_home
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
from landerctl.operations.decision.judged import Decision
from landerctl.plots.matplotlib_folder import prepare_matplotlib
from landerctl.report import html, markdown
from landerctl.report.content import Material, build
from landerctl.report.document import Picture

EXAMPLES = examples(
    "landerctl report",
    "landerctl report --out report.html",
    "landerctl report --format md --out report.md",
)


class Kind(Enum):
    """Values of `--format`."""

    HTML = "html"
    MD = "md"


class ReportOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl report --json`."""

    written: str
    verdict: str
    not_drawn: list[str]


def report(
    context: typer.Context,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=named_path,
            help="The file to write (default: report.html in the run's plots).",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[Kind, typer.Option("--format", help="HTML with pictures, or Markdown.")] = (
        Kind.HTML
    ),
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Write the verdict and all it rests on into one file, for people without landerctl."""
    session = open_session(context, home, config)
    run = current_run(session.paths)
    if out is not None:
        path = out
    elif run is not None:
        path = run.plots / f"report.{kind.value}"
    else:
        raise Failure(
            f"{session.paths.home}: no run, whose folder gets the report; name a file with --out",
            Exit.NOT_FOUND,
        )
    decision = judge_home(session)
    try:
        if out is None:
            make_private_folder(path.parent)
        material = _material(session, run, decision, kind)
        content = (html if kind == Kind.HTML else markdown).render(build(material))
        write_atomically(path, content.encode("utf-8", "backslashreplace"))
    except OSError as error:
        text = f"{error.filename or path}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file with --out", Exit.CANNOT_WRITE) from None
    if as_json:
        output = ReportOutput(str(path), decision.verdict.word, list(material.not_drawn))
        print(msgspec.json.encode(output).decode())
        return Exit.OK
    print(path)
    for line in material.not_drawn:
        print(f"not drawn: {line}", file=sys.stderr)
    return Exit.OK


def _material(session: Session, run: RunPaths | None, decision: Decision, kind: Kind) -> Material:
    evaluation: EvaluationResult | None = None
    pictures: tuple[Picture, ...] = ()
    not_drawn: tuple[str, ...] = ()
    if run is not None:
        evaluations = list_evaluations(run.evaluations).whole
        evaluation = evaluations[-1].result if evaluations else None
    if run is not None and kind == Kind.HTML:
        try:
            settings = load_frozen(run.config)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None
        prepare_matplotlib()
        # It takes most of a second to import; only this verb and `plot` need it.
        from landerctl.report.pictures import draw  # noqa: PLC0415

        pictures, not_drawn = draw(session.paths.store, run, settings, evaluation)
    return Material(
        decision.facts,
        decision.judgements,
        decision.verdict,
        evaluation,
        pictures,
        not_drawn,
    )
