"""`landerctl rollback`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.backup.catalog import backup_directory, scan
from daemon.backup.restoring.find_state import unknown_id_advice
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths
from daemon.base.seat import asker
from daemon.base.user import user_name
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config
from daemon.config.judging.explain import suggestion
from daemon.protocol.control import Done, RollbackRequest, UndoRollbackRequest
from daemon.rollback.journal import undo_refusal
from daemon.rollback.selection.choose import MOST_TRIED, Choice, Skipped, choose
from daemon.rollback.selection.target import ById, LastGood, Target, TargetError, parse_target
from daemon.rollback.settle_interrupted import preview_recovery
from daemon.runs.references import CURRENT, SEPARATOR, UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreError, StoreReader
from landerctl.cli.arguments.checkpoints import run_config
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.daemon_request import ask, done, report
from landerctl.cli.shared.prompt import confirm
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.cli.shared.state_picker import pick
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.rollback_preview import RollbackPreview, describe, make_preview
from landerctl.operations.states.find_checkpoint import NEWEST

EXAMPLES = examples(
    "landerctl rollback                        choose, look at the preview, confirm",
    "landerctl rollback --to last-good --yes   for scripts, and for 3 a.m.",
    "landerctl rollback --to stage:3 --dry-run",
    "landerctl rollback --undo",
)
TARGETS = {
    NEWEST: "the newest whole checkpoint",
    "last-good": "the newest good state",
    "best": "the checkpoint with the best success rate",
    "stage:": "the last good state of a stage, as stage:3",
    "before:": "the newest of at least this age, as before:2h",
}  # besides ids
SHOWN = 3  # skipped states in a message


@dataclass(frozen=True)
class _Scene:
    """The run, and the states to choose from."""

    run: RunPaths
    config: Config
    backups: Path
    checkpoints: Listing
    states: list[Restorable]
    running: bool


def rollback(
    context: typer.Context,
    *,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            help="An id, newest, last-good, best, stage:N (its last good state) or before:2h. "
            "Without it: a list on a terminal, else last-good.",
            autocompletion=completer("ids", TARGETS),
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Reverse the last rollback.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the state and show the plan; change nothing.")
    ] = False,
    note: Annotated[str, typer.Option(help="The reason, for incidents.md.", metavar="TEXT")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Go back to an earlier state and resume training from there; on a failure nothing changes.

    The state is verified and loaded first. Then the trainer saves a checkpoint and exits, the state
    becomes the newest checkpoint, and training resumes. Nothing is deleted; --undo reverses it.
    """
    session = open_session(context, home, config)
    if undo and to is not None:
        raise Failure("--undo and --to cannot be combined", Exit.USAGE)
    scene = _look(session)
    choice = _choose(session, scene, to, undo=undo)
    if _asks(to, scene, undo=undo):
        scene = _look(session)  # choosing took time
    if dry_run:
        return _show(_checked(scene, session, choice), as_json=as_json)
    preview = _preview(session, scene, choice.candidates[0], choice.skipped)
    if not yes:
        _confirm(preview, scene.running)
    elif not as_json:
        print("\n".join(describe(preview)), file=sys.stderr)
    ids = [state.id for state in choice.candidates[:MOST_TRIED]]
    finished = _execute(session, scene, ids, note, undo=undo)
    print(msgspec.json.encode(finished.data).decode() if as_json else finished.text)
    return Exit.OK


def _look(session: Session) -> _Scene:
    settings = session.load_config()
    run = current_run(session.paths)
    if run is None:
        raise Failure(f"{session.paths.home}: there is no run to roll back", Exit.NOT_FOUND)
    backups = backup_directory(settings, session.paths)
    try:
        checkpoints = list_checkpoints(run.checkpoints)
        states = restorables(run.id, checkpoints, scan(backups, run.id))
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    running = lock_is_held(session.paths)
    return _Scene(run, settings, backups, checkpoints, states, running)


def _choose(session: Session, scene: _Scene, to: str | None, *, undo: bool) -> Choice:
    target = _target(session, scene, to, undo=undo)
    choice = choose(
        target,
        scene.states,
        now_s=time.time(),
        tolerance=scene.config.rollback.success_tolerance,
    )
    if choice.candidates:
        return choice
    if isinstance(target, ById):
        damaged = [text for path, text in scene.checkpoints.damaged if path.name == target.id]
        if damaged:
            raise Failure(f"{damaged[0]}; choose another, `landerctl backups` lists them")
        known = [state.id for state in scene.states]
        begun = [id_ for id_ in known if id_.startswith(target.id)][-1:]
        close = suggestion(target.id, begun or [*known, *TARGETS])
        raise Failure(
            f"{target.id}: run {scene.run.id} has no such state{close}; "
            f"{unknown_id_advice(scene.run, target.id)}",
            Exit.NOT_FOUND,
        )
    reasons = "; ".join(f"{one.id}: {one.reason}" for one in choice.skipped[:SHOWN])
    raise Failure(
        f"run {scene.run.id} has no state {to or 'last-good'}"
        f"{f' ({reasons})' if reasons else ''}; name a state with --to ID, `landerctl backups` "
        "lists them",
        Exit.NOT_FOUND,
    )


def _asks(to: str | None, scene: _Scene, *, undo: bool) -> bool:
    """Whether the user chooses from a list."""
    named = undo or to is not None
    return not named and bool(scene.states) and sys.stdin.isatty() and sys.stdout.isatty()


def _target(session: Session, scene: _Scene, to: str | None, *, undo: bool) -> Target:
    if undo:
        try:
            journal = preview_recovery(session.paths)
        except (DamagedCheckpointError, OSError) as error:
            raise Failure(f"{error}; name a state with --to ID") from None
        if (reason := undo_refusal(journal, scene.run, scene.backups)) is not None:
            raise Failure(reason, Exit.NOT_FOUND)
        assert journal is not None and journal.live is not None
        return ById(journal.live.id)
    if to is not None:
        return _named(session, scene, to)
    if _asks(to, scene, undo=undo):
        return ById(pick(scene.states, scene.config.rollback.success_tolerance, time.time()).id)
    return LastGood()


def _named(session: Session, scene: _Scene, to: str) -> Target:
    """The target in `to`, which may be a state of the current run as RUN/STATE. Raises Failure."""
    reference = parse_reference(to)
    state = to
    if SEPARATOR in to or _is_run(session, to):
        try:
            run = resolve_run(session.paths, reference.run or CURRENT)
        except UnknownRunError as error:
            raise Failure(f"--to {error}", Exit.NOT_FOUND) from None
        if run != scene.run:
            raise Failure(
                f"--to {to}: of run {run.id}; a rollback returns the current run, {scene.run.id}, "
                f"to a state of its own: `landerctl start --from {to}` begins a new run from it",
                Exit.USAGE,
            )
        state = reference.state or NEWEST
    if state == NEWEST and scene.checkpoints.whole:
        return ById(scene.checkpoints.whole[-1].id)
    try:
        return parse_target(state)
    except TargetError as error:
        raise Failure(str(error), Exit.USAGE) from None


def _is_run(session: Session, text: str) -> bool:
    """Whether a text without a state is a run's id or name, not a target such as last-good."""
    if text in TARGETS or ":" in text or parse_reference(text).run is None:
        return False
    try:
        resolve_run(session.paths, text)
    except UnknownRunError:
        return False
    return True


def _preview(
    session: Session, scene: _Scene, target: Restorable, skipped: tuple[Skipped, ...]
) -> RollbackPreview:
    try:
        with StoreReader.open(session.paths.store) as reader:
            status = reader.status()
    except StoreError:
        status = None
    whole = scene.checkpoints.whole
    return make_preview(
        scene.run.id,
        target,
        whole[-1] if whole else None,
        status.progress if status and scene.running else None,
        skipped=skipped,
        disk_free_bytes=shutil.disk_usage(scene.run.folder).free,
        now_s=time.time(),
    )


def _checked(scene: _Scene, session: Session, choice: Choice) -> RollbackPreview:
    """The preview of the first candidate that passes every check, or of the last one's failure."""
    # Imports asyncio and filelock, which only this case needs.
    from landerctl.operations.rollback_check import check_states  # noqa: PLC0415

    algorithm = run_config(scene.run).run.algorithm
    checked = check_states(scene.run, scene.backups, algorithm, choice.candidates, report)
    preview = _preview(session, scene, checked.state, (*choice.skipped, *checked.skipped))
    result = checked.result
    return msgspec.structs.replace(preview, checked=result.ok, check_text=result.text)


def _show(preview: RollbackPreview, *, as_json: bool) -> int:
    print(msgspec.json.encode(preview).decode() if as_json else "\n".join(describe(preview)))
    if preview.checked:
        if not as_json:
            print(
                "Nothing was changed. To roll back to it: "
                f"landerctl rollback --to {preview.to.checkpoint} --yes"
            )
        return Exit.OK
    raise Failure(f"{preview.to.checkpoint}: {preview.check_text}; choose another with --to ID")


def _confirm(preview: RollbackPreview, running: bool) -> None:
    if not sys.stdin.isatty():
        raise Failure(
            f"{preview.to.checkpoint}: a rollback without a terminal needs --yes", Exit.USAGE
        )
    print("\n".join(describe(preview)))
    what = "Stop the training, roll back, and resume from there?"
    if not running:
        what = "Roll back? No daemon runs; the next start resumes from there."
    confirm(what)


def _execute(session: Session, scene: _Scene, ids: list[str], note: str, *, undo: bool) -> Done:
    if scene.running:
        user = user_name(os.getuid())
        return ask(
            session, UndoRollbackRequest(user, note) if undo else RollbackRequest(ids, user, note)
        )
    # Imports filelock and asyncio, which only this case needs.
    from daemon.rollback.job import RollbackJob  # noqa: PLC0415
    from landerctl.operations.without_daemon import roll_back  # noqa: PLC0415

    job = RollbackJob(ids, asker(os.environ), note, verb="undo" if undo else "rollback")
    with interruption("no daemon continues it; the next start reverts it, or finds it complete"):
        return done(roll_back(session.paths, scene.run, scene.backups, job, report))
