"""Tables of when trainings passed their gates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.blocks import table
from benchmarks.results.record import Gate, RunResult


def gates(runs: Sequence[RunResult]) -> str:
    """A row a gate and one for the end; a column a seed, and the median of several."""
    stages = sorted({gate.stage for run in runs for gate in run.gates})
    rows = []
    for stage in stages:
        passed = [gate_of(run, stage) for run in runs]
        rows.append([str(stage), *(_cell(gate) for gate in passed), _median_of(passed)])
    ends = [(run.timesteps, run.trained_s) for run in runs]
    rows.append(["end", *(reached(*end) for end in ends), _median(ends)])
    head = ["gate", *(f"seed {run.seed}" for run in runs), "median"]
    if len(runs) == 1:
        head, rows = head[:-1], [row[:-1] for row in rows]
    return table(head, rows)


def gate_of(run: RunResult, stage: int) -> Gate | None:
    """When a training passed a gate; None if it did not."""
    return next((gate for gate in run.gates if gate.stage == stage), None)


def reached(timesteps: float, trained_s: float) -> str:
    """Steps and time since the start of training."""
    return f"{timesteps / 1e6:.1f} M steps, {duration(trained_s)}"


def duration(seconds: float) -> str:
    """In minutes, from two hours on in hours."""
    return f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.1f} min"


def _median_of(passed: Sequence[Gate | None]) -> str:
    """How many passed it, if not all did."""
    found = [(gate.timesteps, gate.trained_s) for gate in passed if gate is not None]
    if len(found) < len(passed):
        return f"passed by {len(found)} of {len(passed)}"
    return _median(found)


def _median(reached_at: Sequence[tuple[int, float]]) -> str:
    steps, trained_s = zip(*reached_at, strict=True)
    return reached(statistics.median(steps), statistics.median(trained_s))


def _cell(gate: Gate | None) -> str:
    if gate is None:
        return "not passed"
    at = reached(gate.timesteps, gate.trained_s)
    return f"{at}; {gate.success_rate:.0%}, {gate.reward_mean:.0f}"
