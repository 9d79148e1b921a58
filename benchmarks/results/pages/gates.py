"""Tables of when trainings passed their gates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.blocks import table
from benchmarks.results.record import Gate, RunResult


def gates(runs: Sequence[RunResult]) -> str:
    """A row a gate, a column a seed, and the median of steps and time if all passed it."""
    stages = sorted({gate.stage for run in runs for gate in run.gates})
    rows = []
    for stage in stages:
        passed = [gate_of(run, stage) for run in runs]
        row = [str(stage), *(_cell(gate) for gate in passed)]
        rows.append([*row, median_of(passed)] if len(runs) > 1 else row)
    head = ["gate", *(f"seed {run.seed}" for run in runs)]
    return table([*head, "median"] if len(runs) > 1 else head, rows)


def gate_of(run: RunResult, stage: int) -> Gate | None:
    """When a training passed a gate; None if it did not."""
    return next((gate for gate in run.gates if gate.stage == stage), None)


def median_of(passed: Sequence[Gate | None]) -> str:
    """The median of steps and of time; how many passed, if not all did."""
    found = [gate for gate in passed if gate is not None]
    if len(found) < len(passed):
        return f"passed by {len(found)} of {len(passed)}"
    steps = statistics.median(gate.timesteps for gate in found)
    return f"{steps / 1e6:.1f} M steps, {duration(statistics.median(g.trained_s for g in found))}"


def duration(seconds: float) -> str:
    """In minutes, from two hours on in hours."""
    return f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.1f} min"


def _cell(gate: Gate | None) -> str:
    if gate is None:
        return "not passed"
    return (
        f"{gate.timesteps / 1e6:.1f} M steps, {duration(gate.trained_s)}; "
        f"{gate.success_rate:.0%}, {gate.reward_mean:.0f}"
    )
