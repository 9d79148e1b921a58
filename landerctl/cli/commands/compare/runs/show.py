"""`landerctl runs show`."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import msgspec
import typer

from checks.wording import date_and_clock, duration, percent, size
from daemon.backup.catalog import backup_directory
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from landerctl.cli.arguments.named_run import NamedRun, named_run
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.details import RunDetails, details_of
from landerctl.operations.runs.lineage import tree

EXAMPLES = examples(
    "landerctl runs show current",
    "landerctl runs show slow-ramp --json | jq .differing",
)
_LABEL_CELLS = 13
_MOST_EVALUATIONS = 5


def show(
    context: typer.Context,
    run: NamedRun,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show all of a run: origin, settings, gates, evaluations, disk."""
    session = open_session(context, home, config)
    found = named_run(session, run)
    try:
        directory = backup_directory(session.load_config(), session.paths)
        details = details_of(session.paths, found, directory)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    if as_json:
        print(msgspec.json.encode(details).decode())
        return Exit.OK
    for label, lines in _parts(details, time.time()):
        for number, line in enumerate(lines):
            print(f"{'' if number else label:<{_LABEL_CELLS}}{one_line(line)}".rstrip())
    return Exit.OK


def _parts(details: RunDetails, now_s: float) -> Iterator[tuple[str, list[str]]]:
    """A label and the lines beside it."""
    run, metadata = details.run, details.run.metadata
    marks = ["the current run"] * run.current + ["archived"] * (metadata.archived_s is not None)
    yield "run", [f"{run.name}: {', '.join([run.state, *marks])}", run.id]
    age = duration(now_s - metadata.created_s)
    where = f" on {metadata.machine}" if metadata.machine else ""
    yield "created", [f"{date_and_clock(metadata.created_s)}, {age} ago{where}"]
    if run.settings:
        given = run.settings
        what = f"{given.mode}, {given.algorithm}, {counted(given.n_envs, 'lander')}"
        yield "trains", [f"{what}, {given.timesteps:,} steps, seed {given.seed}"]
        if given.warm_start != "none":
            flown = details.warm_start_steps
            steps = "not yet cloned" if not flown else f"{flown:,} steps flown to clone it"
            yield "warm start", [f"{given.warm_start} pilot, {steps}"]
    if metadata.tags:
        yield "tags", [" ".join(metadata.tags)]
    if details.origin:
        yield (
            "forked from",
            [
                f"{one.name or 'a removed run'} ({one.run_id}) at {one.state}"
                for one in details.origin
            ],
        )
    if details.forks:
        yield "forks", tree(details.forks)
    yield "settings", _settings(details)
    if metadata.versions:
        yield (
            "versions",
            [
                ", ".join(f"{name} {version}" for name, version in metadata.versions.items()),
                f"fingerprint {metadata.fingerprint}",
            ],
        )
    yield "gates", _gates(details) or ["none passed"]
    yield "states", list(_states(details))
    if details.evaluations:
        shown = details.evaluations[-_MOST_EVALUATIONS:]
        older = len(details.evaluations) - len(shown)
        yield "evaluations", [*([f"{older} older"] if older else []), *map(_evaluation, shown)]
    if use := run.disk:
        yield (
            "disk",
            [
                f"{size(use.total)}: checkpoints {size(use.checkpoints)}, TensorBoard "
                f"{size(use.tensorboard)}, evaluations {size(use.evaluations)}, other "
                f"{size(use.other)}, backups {size(use.backups)}",
                details.folder,
            ],
        )
    if details.notes:
        yield "notes", details.notes
    if details.sessions:
        last = date_and_clock(details.sessions[-1])
        yield "sessions", [f"{counted(len(details.sessions), 'start')}, the last {last}"]


def _settings(details: RunDetails) -> list[str]:
    if details.differing is None:
        return ["config.json cannot be read"]
    listed = [f"{name} = {text}" for name, text in details.differing.items()]
    return listed or ["all are the defaults"]


def _gates(details: RunDetails) -> list[str]:
    lines = []
    for gate in details.gates:
        trained = "" if math.isnan(gate.trained_s) else f", {duration(gate.trained_s)} of training"
        lines.append(
            f"stage {gate.stage}: {gate.timesteps:,} steps{trained}, {date_and_clock(gate.time_s)}"
        )
    return lines


def _states(details: RunDetails) -> Iterator[str]:
    newest = details.run.newest
    if newest is None:
        yield "no checkpoint"
    else:
        success = "" if newest.success_rate is None else f", success {percent(newest.success_rate)}"
        yield f"newest {newest.id}: stage {newest.stage}, {newest.timesteps:,} steps{success}"
    if details.best:
        yield f"best {details.best}"
    damaged = f", {details.damaged} damaged" if details.damaged else ""
    pinned = f", {details.pinned} pinned" if details.pinned else ""
    backups = counted(details.backups, "backup")
    yield f"{counted(details.checkpoints, 'checkpoint')}{damaged}, {backups}{pinned}"


def _evaluation(result: EvaluationResult) -> str:
    return (
        f"{date_and_clock(result.created_s)}: {result.pilot} in stage {result.stage}: success "
        f"{_rate(result.success_rate)} of {counted(result.episodes, 'episode')}"
    )


def _rate(rate: Interval) -> str:
    if rate.low is None or rate.high is None:
        return percent(rate.mean)
    return f"{percent(rate.mean)} ({percent(rate.low)} to {percent(rate.high)})"
