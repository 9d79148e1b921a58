"""`landerctl export`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from daemon.config.judging.explain import suggestion
from daemon.protocol.flight import REFERENCE
from daemon.protocol.policy_formats import FORMATS, FormatName, format_of_suffix
from daemon.runs.run_folder import all_runs
from landerctl.cli.arguments.checkpoints import STATE_HELP, find_checkpoint, split_state
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.exec_trainer import become_trainer
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, named_path, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.new_file import check_new_file
from landerctl.operations.states.find_checkpoint import ALIASES, BEST

EXAMPLES = examples(
    "landerctl export lander.onnx",
    "landerctl export best lander.c --judge",
    "landerctl export 000012-600000-gate lander.pt2 --force",
    "landerctl export quiet-crater/best lander.zip --format sb3",
    "landerctl export lander.safetensors --json | jq .actions.largest_difference",
)
_NAMES = ", ".join(f"{name} ({kind.suffix})" for name, kind in FORMATS.items())


def export(
    context: typer.Context,
    *,
    state: Annotated[
        str | None,
        typer.Argument(
            metavar="STATE",
            help=f"A checkpoint or backup: {STATE_HELP} (default: 'best').",
            autocompletion=completer("states", ALIASES),
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="What to write; its card is FILE.md.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"{_NAMES}; default: by FILE's suffix.",
            show_default=False,
        ),
    ] = None,
    judge: Annotated[
        bool,
        typer.Option("--judge", help="Fly 200 episodes with the file too; compare how they end."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Write a policy as one file for other programs, with a model card beside it.

    The file takes raw observations and gives actions, which are compared with the checkpoint's
    before it is written. FILE alone is of the best state.
    """
    if state is None:
        raise Failure(
            f"FILE is missing: name what to write; its suffix says how: {_NAMES}", Exit.USAGE
        )
    who, path = (BEST, named_path(state)) if file is None else (state, named_path(file))
    named = _format(kind, path)
    if not path.name.isprintable():  # the card, UTF-8, names the file in its code
        raise Failure(f"{path.name!a}: has unprintable characters; name another", Exit.USAGE)
    check_new_file(path, force=force)  # first: "." and "/" have no name that a card could have
    check_new_file(path.with_name(f"{path.name}.md"), force=force)
    session = open_session(context, home, config)
    if not any(all_runs(session.paths)):
        raise Failure(
            f"{session.paths.home}: no run, so no policy to export; `landerctl start` creates one",
            Exit.NOT_FOUND,
        )
    run, id_ = split_state(session, who)
    if id_ == REFERENCE:
        raise Failure(f"{who}: has no network to export; name a checkpoint", Exit.USAGE)
    return become_trainer(
        session,
        [
            "export",
            *("--run", str(run.folder)),
            *("--checkpoint", str(find_checkpoint(session, run, id_))),
            *("--format", named),
            *("--file", str(path.absolute())),
            *(["--judge"] if judge else []),
            *(["--json"] if as_json else []),
        ],
    )


def _format(named: str | None, path: Path) -> FormatName:
    """The format meant, whose packages are installed. Raises Failure."""
    if named is None:
        found = format_of_suffix(path.suffix)
        if found is None:
            raise Failure(f"{path}: its suffix names no format; --format: {_NAMES}", Exit.USAGE)
    else:
        found = next((name for name in FORMATS if name == named), None)
        if found is None:
            close = suggestion(named, FORMATS)
            raise Failure(f"--format {named}: no such format{close}; known: {_NAMES}", Exit.USAGE)
    if any(find_spec(package) is None for package in FORMATS[found].needs):
        raise Failure(
            f"--format {found} needs packages that are not installed: "
            "pip install 'landerctl[export]'",
            Exit.USAGE,
        )
    return found
