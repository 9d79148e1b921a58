"""A comparison as tables of texts, for a terminal and for a report. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from checks.wording import number, short_number, size
from daemon.runs.curves import Passed
from daemon.runs.evaluations import EvaluationResult
from landerctl.operations.compare.comparison import ComparedRun, Comparison, Judged
from landerctl.operations.compare.differences import Quantity
from landerctl.operations.compare.differing_settings import Setting
from landerctl.operations.compare.wording import MEASURES, difference_row, interval_text, labels

_NONE = "-"


@dataclass(frozen=True)
class ComparedTable:
    """A column of names, then one of each run."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(comparison: Comparison) -> list[ComparedTable]:
    """Those that have rows, in the order in which they are read."""
    named = labels(comparison)
    found = [
        ComparedTable("Runs", ("", *named), _runs(comparison.runs)),
        ComparedTable("Settings that differ", ("Setting", *named), _settings(comparison.settings)),
        ComparedTable("Versions that differ", ("Of", *named), _settings(comparison.versions)),
        ComparedTable(
            "Gates passed: steps, time trained (h:mm:ss)", ("Stage", *named), _gates(comparison)
        ),
        *(
            table
            for judged in comparison.evaluations
            for table in (
                ComparedTable(_title(judged), ("", *named), _results(judged)),
                ComparedTable(
                    f"Difference of the {judged.which} evaluations to A's",
                    ("", "Difference", "p", "Verdict"),
                    tuple(map(difference_row, judged.differences)),
                ),
            )
        ),
    ]
    return [table for table in found if table.rows]


def _runs(runs: Sequence[ComparedRun]) -> tuple[tuple[str, ...], ...]:
    def row(name: str, show: Callable[[ComparedRun], str]) -> tuple[str, ...]:
        return (name, *(show(run) for run in runs))

    def known(value: float | None, show: Callable[[float], str]) -> str:
        return _NONE if value is None else show(value)

    rows = [
        row("Id", lambda run: run.id),
        row("Steps", lambda run: f"{run.timesteps:,}"),
        row("Trained, h:mm:ss", lambda run: _clock(run.trained_s)),
        row("Stage", lambda run: known(run.stage, lambda stage: f"{stage:.0f}")),
        row(
            "Speed",
            lambda run: known(run.resources.steps_per_s, lambda value: f"{number(value)} steps/s"),
        ),
        row(
            "CPU of the trainer",
            lambda run: known(run.resources.cpu_percent, lambda value: f"{value / 100:.2f} cores"),
        ),
        row("Memory, the most", lambda run: known(run.resources.memory_bytes, size)),
        row("Disk, without backups", lambda run: size(run.resources.disk_bytes)),
    ]
    if any(run.parent is not None for run in runs):
        rows.insert(1, row("Forked from", _forked_from))
    return tuple(rows)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _forked_from(run: ComparedRun) -> str:
    return _NONE if run.parent is None else f"{run.parent.run_id}/{run.parent.state}"


def _settings(settings: Sequence[Setting]) -> tuple[tuple[str, ...], ...]:
    return tuple((one.name, *map(_value, one.values)) for one in settings)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _NONE if value is None else str(value)


def _gates(comparison: Comparison) -> tuple[tuple[str, ...], ...]:
    def shown(passed: Passed | None) -> str:
        if passed is None:
            return "not passed"
        return f"{short_number(passed.timesteps)}, {_clock(passed.trained_s)}"

    return tuple(
        (f"{gate.stage} {gate.name}".rstrip(), *map(shown, gate.passed))
        for gate in comparison.gates
    )


def _title(judged: Judged) -> str:
    return f"The {judged.which} evaluation of each, stage {judged.stage}, with 95% intervals"


def _results(judged: Judged) -> tuple[tuple[str, ...], ...]:
    def row(name: str, show: Callable[[EvaluationResult], str]) -> tuple[str, ...]:
        return (name, *(_NONE if one is None else show(one) for one in judged.results))

    def measured(quantity: Quantity) -> tuple[str, ...]:
        def show(result: EvaluationResult) -> str:
            # Its fields are named as the quantities are.
            return interval_text(quantity, getattr(result, quantity)) or _NONE

        return row(MEASURES[quantity].title, show)

    return (
        row("Policy", lambda result: result.pilot),
        row("Episodes, first seed", lambda result: f"{result.episodes}, {result.first_seed}"),
        *map(measured, MEASURES),
    )
