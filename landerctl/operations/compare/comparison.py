"""Compares runs: everything that `landerctl runs compare` and the screen show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import fmean

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config, ConfigError
from daemon.runs.curves import SPEED, STAGE, Passed
from daemon.runs.evaluations import Evaluation, EvaluationResult, list_evaluations
from daemon.runs.metadata import Parent, RunMetadata, read_metadata
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreError, StoreReader
from landerctl.operations.compare.differences import Difference, Side, differences
from landerctl.operations.compare.differing_settings import (
    Setting,
    differing_settings,
    differing_versions,
    same_task,
)
from landerctl.operations.compare.evaluated import Evaluated, Which, choose
from landerctl.operations.compare.lines import RunLines, load_lines

_CPU, _MEMORY = "cpu/trainer_percent", "memory/trainer_bytes"


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """What a run took. None: not known. Means are over the time in which it trained."""

    steps_per_s: float | None
    cpu_percent: float | None  # 100 is one core
    memory_bytes: float | None  # the most
    disk_bytes: int  # of its folder, without backups


class ComparedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and how far it is."""

    id: str
    name: str
    created_s: float  # Unix
    parent: Parent | None
    timesteps: int  # as the next two, of its newest row of curves; 0: it has none
    trained_s: float
    stage: int | None
    resources: Resources


class Gate(msgspec.Struct, frozen=True):
    """A stage's gate, and where each run passed it; None: not, or not known."""

    stage: int  # counted from 1
    name: str
    passed: tuple[Passed | None, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The compared evaluations of one kind, and the differences to the first run's."""

    which: Which
    stage: int
    results: tuple[EvaluationResult | None, ...]
    differences: tuple[Difference, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two or more runs; each list of values has one for each run, in the same order."""

    runs: tuple[ComparedRun, ...]
    settings: tuple[Setting, ...]
    versions: tuple[Setting, ...]
    gates: tuple[Gate, ...]
    evaluations: tuple[Judged, ...]
    lines: tuple[RunLines, ...]
    notes: tuple[str, ...]  # what could not be read, and what to know of it


def compare(paths: StatePaths, runs: Sequence[RunPaths]) -> Comparison:
    """Compare runs with the first of them. Raises OSError.

    Without a readable store, curves are as far as they were kept.
    """
    notes: list[str] = []
    metadata = [read_metadata(run) for run in runs]
    configs = [_config(run, notes) for run in runs]
    lines = _lines(paths, runs, notes)
    evaluations = choose([list_evaluations(run.evaluations).whole for run in runs])
    return Comparison(
        runs=tuple(map(_compared, runs, metadata, lines)),
        settings=differing_settings(configs),
        versions=differing_versions(metadata),
        gates=_gates(lines, configs),
        evaluations=tuple(_judged(one, configs) for one in evaluations),
        lines=tuple(lines),
        notes=tuple(notes),
    )


def _config(run: RunPaths, notes: list[str]) -> Config | None:
    try:
        return read_run_config(run)
    except ConfigError as error:
        notes.append(f"{run.id}: its settings are not compared: {error}")
        return None


def _lines(paths: StatePaths, runs: Sequence[RunPaths], notes: list[str]) -> list[RunLines]:
    with ExitStack() as stack:
        store = None
        try:
            store = stack.enter_context(StoreReader.open(paths.store))
            return [load_lines(paths, store, run) for run in runs]
        except StoreError as error:
            notes.append(f"curves may lack the newest samples: {error}")
            return [load_lines(paths, None, run) for run in runs]


def _compared(run: RunPaths, metadata: RunMetadata, lines: RunLines) -> ComparedRun:
    rows = [*lines.inherited.rows, *lines.own.rows]
    newest = rows[-1] if rows else None
    stage = next((row.values[STAGE] for row in reversed(rows) if STAGE in row.values), None)
    return ComparedRun(
        id=run.id,
        name=metadata.name,
        created_s=metadata.created_s,
        parent=metadata.parent,
        timesteps=newest.timesteps if newest else 0,
        trained_s=newest.trained_s if newest else 0.0,
        stage=None if stage is None else int(stage),
        resources=_resources(run, lines),
    )


def _resources(run: RunPaths, lines: RunLines) -> Resources:
    def values(series: str) -> list[float]:
        return [point.value for point in lines.own.points(series)]

    cpu, memory, speed = values(_CPU), values(_MEMORY), values(SPEED)
    return Resources(
        steps_per_s=fmean(speed) if speed else None,
        cpu_percent=fmean(cpu) if cpu else None,
        memory_bytes=max(memory, default=None),
        disk_bytes=_disk_bytes(run.folder),
    )


def _disk_bytes(folder: Path) -> int:
    """The size of all files in it; those that go meanwhile do not count. Raises OSError."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(Path(where, name)).st_size
    return total


def _gates(lines: Sequence[RunLines], configs: Sequence[Config | None]) -> tuple[Gate, ...]:
    passed = [
        {gate.stage: gate for gate in (*run.inherited.gates, *run.own.gates)} for run in lines
    ]
    stages = sorted(set[int]().union(*passed))
    return tuple(
        Gate(stage, _stage_name(stage, configs), tuple(one.get(stage) for one in passed))
        for stage in stages
    )


def _stage_name(stage: int, configs: Sequence[Config | None]) -> str:
    for config in configs:
        if config is not None and stage <= len(config.curriculum.stages):
            return config.curriculum.stages[stage - 1].name
    return ""


def _judged(evaluated: Evaluated, configs: Sequence[Config | None]) -> Judged:
    first, *others = evaluated.evaluations
    found: list[Difference] = []
    if first is not None:
        sides = {
            place: _side(other, paired=_paired(first, other, configs[0], configs[place]))
            for place, other in enumerate(others, 1)
            if other is not None
        }
        paired = any(side.episodes is not None for side in sides.values())
        found = differences(_side(first, paired=paired), sides)
    return Judged(
        which=evaluated.which,
        stage=evaluated.stage,
        results=tuple(None if one is None else one.result for one in evaluated.evaluations),
        differences=tuple(found),
    )


def _paired(
    first: Evaluation, other: Evaluation, of_first: Config | None, of_other: Config | None
) -> bool:
    one, two = first.result, other.result
    return one.first_seed == two.first_seed and same_task(of_first, of_other, one.stage)


def _side(evaluation: Evaluation, *, paired: bool) -> Side:
    if not paired:
        return Side(evaluation.result, None)
    # It imports numpy, which takes longer than all else here.
    from landerctl.operations.compare.read_episodes import read_episodes  # noqa: PLC0415

    return Side(evaluation.result, read_episodes(evaluation))
