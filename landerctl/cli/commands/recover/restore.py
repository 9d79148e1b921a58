"""`landerctl restore`."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from checks.wording import duration, number, percent, size
from daemon.backup.catalog import backup_directory
from daemon.base.identity import lock_is_held
from daemon.base.paths import absolute_path
from daemon.config import Config
from landerctl.cli.arguments.completion import completer
from landerctl.cli.commands.run.start import start
from landerctl.cli.shared.prompt import confirm
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
from landerctl.failure import Failure, interruption

if TYPE_CHECKING:
    from landerctl.operations.restore_run import OnBytes, RestorePlan

EXAMPLES = examples(
    "landerctl restore cloud",
    "landerctl restore /mnt/disk/landers --dry-run",
    "landerctl restore s3://bucket/landers --options-file ~/s3.toml --to 000012-600000-gate --yes",
)


class Restored(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    run: str
    id: str  # of the state
    checkpoint: str | None  # created from it; None: nothing was done yet
    stage: int
    timesteps: int
    logs: str | None
    size_bytes: int
    passed_over: list[str]


def restore(
    context: typer.Context,
    *,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A name in backup.targets, a URL, or a folder that holds backups.",
            autocompletion=completer("backup-targets"),
        ),
    ],
    run: Annotated[
        str | None, typer.Option(help="The run (default: the one with the newest backup).")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The state (default: the newest whole one)."),
    ] = None,
    options_file: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of obstore options, if TARGET is a URL.",
            metavar="FILE",
            parser=named_path,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    start_training: Annotated[
        bool, typer.Option("--start/--no-start", help="Start training afterwards, or not.")
    ] = True,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Restore a run from a copy of its backups and resume training."""
    session = open_session(context, home, config)
    settings = session.load_config()
    _refuse_daemon(session)
    url, options = _resolve_target(settings, target, options_file)
    # Imports obstore, filelock, psutil and asyncio, which only this verb needs.
    from landerctl.operations import restore_run  # noqa: PLC0415

    begin = (
        partial(start, context, fresh=False, home=home, config=config) if start_training else None
    )
    source = restore_run.open_source(target, url, options)
    interrupted_run = None if dry_run else restore_run.finish_interrupted(session.paths)
    if interrupted_run is not None and run in (None, interrupted_run):
        print(
            f"Run {interrupted_run} was already restored; only the last step had been interrupted"
        )
        return _start_training(session, begin, as_json=as_json)
    plan = restore_run.plan_restore(session.paths, source, target, run, to)
    if not as_json or not dry_run:
        _show(target, plan)
    if dry_run:
        if as_json:
            print(msgspec.json.encode(_result(plan, None)).decode())
        return Exit.OK
    if not yes:
        _confirm(target)
    directory = backup_directory(settings, session.paths)
    with (
        interruption("the run is restored completely or not at all; run the same command again"),
        _progress(plan.size_bytes) as on_bytes,
    ):
        actual_plan, placed = restore_run.restore(
            session.paths,
            source,
            target,
            plan,
            directory,
            chosen=to is not None,
            on_bytes=on_bytes,
        )
    for text in actual_plan.passed_over[len(plan.passed_over) :]:
        print(f"  skipped: {text}", file=sys.stderr)
    if as_json:
        print(msgspec.json.encode(_result(actual_plan, placed.id)).decode())
    else:
        print(
            f"Run {plan.run_id} restored to {actual_plan.backup.id} "
            f"({number(placed.timesteps)} steps, now {placed.id})"
        )
    return _start_training(session, begin, as_json=as_json)


def _start_training(session: Session, begin: Callable[[], int] | None, *, as_json: bool) -> int:
    if begin is None:
        note = f"`landerctl start` resumes from there; state in {session.paths.home}"
        print(note, file=sys.stderr)
        return Exit.OK
    # With --json, standard output is one object.
    with contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout):
        return begin()


def _refuse_daemon(session: Session) -> None:
    if lock_is_held(session.paths):
        raise Failure(
            f"{session.paths.home}: a daemon is running; use `landerctl rollback` to return "
            "to a backup, or `landerctl stop` before a restore",
            Exit.ALREADY_RUNNING,
        )


def _resolve_target(
    settings: Config, target: str, options_file: Path | None
) -> tuple[str, Path | None]:
    """URL and options file of the user's TARGET. Raises Failure."""
    for known in settings.backup.targets:
        if known.name == target:
            named = Path(known.options_file) if known.options_file else None
            return known.url, options_file or named
    if "://" in target:
        return target, options_file
    folder = absolute_path(named_path(target))
    if not folder.is_dir():
        names = ", ".join(known.name for known in settings.backup.targets) or "none"
        raise Failure(
            f"{target}: not a target of the configuration (targets: {names}), not a URL "
            "and not a folder",
            Exit.NOT_FOUND,
        )
    return folder.as_uri(), None


def _show(target: str, plan: RestorePlan) -> None:
    manifest = plan.manifest
    print(
        f"From {target}: run {plan.run_id}, state {plan.backup.id} "
        f"({duration(time.time() - plan.backup.created_s)} old): stage {manifest.stage}, "
        f"{number(manifest.timesteps)} steps, success {percent(manifest.success_rate)}, "
        f"reward {number(manifest.reward_mean)}; {size(plan.size_bytes)} to fetch, "
        f"{'logs of ' + plan.logs.id.removeprefix('logs-') if plan.logs else 'no logs'}",
        file=sys.stderr,
    )
    for text in plan.passed_over:
        print(f"  skipped: {text}", file=sys.stderr)


def _result(plan: RestorePlan, checkpoint: str | None) -> Restored:
    return Restored(
        run=plan.run_id,
        id=plan.backup.id,
        checkpoint=checkpoint,
        stage=plan.manifest.stage,
        timesteps=plan.manifest.timesteps,
        logs=plan.logs.id if plan.logs else None,
        size_bytes=plan.size_bytes,
        passed_over=plan.passed_over,
    )


def _confirm(target: str) -> None:
    if not sys.stdin.isatty():
        raise Failure(f"{target}: not a terminal; confirm the restore with --yes", Exit.USAGE)
    confirm("Restore it as the current run?")


@contextlib.contextmanager
def _progress(total_bytes: int) -> Iterator[OnBytes]:
    """Show a progress bar with speed and time left, if on a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("fetching", total=total_bytes)
        yield lambda size_bytes: progress.update(task, advance=size_bytes)
