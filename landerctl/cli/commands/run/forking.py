"""`landerctl start --from`: the plan of a fork, shown before anything happens."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import msgspec

from daemon.backup.catalog import backup_directory
from daemon.backup.forking.fork import fork
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import LoadedConfig, Sources
from daemon.config.layering.settings import differences, settings_of
from daemon.config.sections import FROZEN
from daemon.runs.metadata import read_metadata
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.starting.forking import Forking, describe, planned_fork, prepare_fork
from landerctl.operations.starting.start_plan import RunOptions, StartPlan


def plan_forking(
    session: Session, reference: str, sources: Sources, options: RunOptions
) -> Forking:
    """The fork of a state with the options' settings; changes nothing.

    Raises ConfigError, Failure, OSError.
    """
    given = (*sources.layers(), *options.layers())
    settings = [
        layer.assignment
        for layer in given
        if layer.kind == "option" and layer.assignment.section in FROZEN
    ]
    backups = backup_directory(session.load_config(), session.paths)
    return prepare_fork(session.paths, backups, reference, settings)


def show_fork(
    plan: StartPlan, name: str | None, tags: Sequence[str], *, dry_run: bool, as_json: bool
) -> None:
    """Print the plan of a fork. Raises Failure if it is refused."""
    forking = plan.fork
    assert forking is not None
    stream = sys.stdout if dry_run else sys.stderr
    if as_json:
        print(msgspec.json.encode(planned_fork(forking, name, tags)).decode(), file=stream)
    else:
        print("\n".join([*describe(forking), *_unused(forking, plan.loaded)]), file=stream)
    if refused := forking.plan.refused:
        raise Failure(f"the fork is refused: {'; '.join(refused)}", Exit.USAGE)
    if dry_run and not as_json:
        print("Nothing was changed: omit --dry-run to start.")


def carry_out_fork(
    paths: StatePaths, forking: Forking, name: str | None, tags: Sequence[str]
) -> tuple[RunPaths, str]:
    """The new run, and the message about it. Raises Failure, OSError; then nothing is left."""
    plan = forking.plan
    try:
        run = fork(paths, forking.state, forking.config, plan, name=name, tags=tags)
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; choose another, `landerctl backups` lists them") from None
    named = f"{run.id}, {read_metadata(run).name}"
    return run, f"New run {named}: forked from {plan.run_id}/{plan.state}"


def _unused(forking: Forking, loaded: LoadedConfig) -> Iterator[str]:
    """A line about what files and variables set otherwise than the parent was configured."""
    changed = {one.setting for one in forking.plan.changes}
    sides = (settings_of(config, FROZEN) for config in (forking.before, loaded.config))
    found = [
        one.name
        for one in differences(*sides)
        if one.name not in changed
        and (side := one.after or one.before)
        and loaded.layered.origin(side.path).kind in ("file", "variable")
    ]
    if found:
        yield (
            f"  what files and variables set ({', '.join(found)}) does not apply to a fork: "
            "use --set"
        )
