"""The objectives of a trial that its home knows; those of an evaluation are in `evaluation.py`.

Each is read by the training's steps, never by the clock, and at a leg's end first from its
checkpoint: a trial that was interrupted, and lost its store's last samples, has the same values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.measured import Measurement
from daemon.runs.curves import read_curves
from daemon.store.reader import StoreReader
from daemon.store.records import Sample
from daemon.sweeps.spec.schema import Objective

GATE, STEPS_TO_GATE = "gate", "steps_to_gate"
SUCCESS, SUCCESS_LOW = "success", "success_low"
EVALUATED = frozenset({SUCCESS, SUCCESS_LOW})
_PASSED = "stage.passed"
_MAX_GATES = 10_000


@dataclass(frozen=True)
class Gate:
    """A gate that was passed at so many steps of the training."""

    stage: int
    timesteps: int


def stored_values(
    reader: StoreReader,
    run: RunPaths,
    objectives: Iterable[Objective],
    steps: int,
    *,
    passed: int,
    measured: Mapping[str, Measurement],
) -> dict[str, float]:
    """The values of those objectives that the home has at `steps`, by metric.

    `passed`: the number of gates behind the training's stage. `measured`: what its checkpoint at
    `steps` has measured; empty while it trains. Missing: what was not measured, is not finite, or
    needs an evaluation. Raises StoreError, OSError.
    """
    found: dict[str, float | None] = {}
    gates: list[Gate] | None = None
    for objective in objectives:
        name = objective.metric
        if name in EVALUATED:
            continue
        if name in (GATE, STEPS_TO_GATE):
            if gates is None:
                gates = passed_gates(reader, run)
            found[name] = (
                float(max(last_gate(gates, steps), passed))
                if name == GATE
                else steps_to_gate(gates, objective.gate or 1, steps)
            )
        elif name in measured:
            found[name] = measured[name].value
        else:
            found[name] = _sampled(reader, run.id, name, steps)
    return {
        name: value for name, value in found.items() if value is not None and math.isfinite(value)
    }


def _sampled(reader: StoreReader, run_id: str, name: str, steps: int) -> float | None:
    newest = reader.newest_of_run(name, run_id)
    if newest is None or newest.timesteps is None or newest.timesteps <= steps:
        return None if newest is None else newest.value
    return value_at(reader.samples_of_run(name, run_id), steps)  # it has trained on since


def passed_gates(reader: StoreReader, run: RunPaths) -> list[Gate]:
    """The gates that the run has passed, by its store, its curves and its checkpoints.

    The curves came with the backup or the state that the home began with; the store begins empty,
    and may lack the last events before a kill.
    Raises StoreError, OSError.
    """
    curves = read_curves(run)
    found = [] if curves is None else [Gate(one.stage, one.timesteps) for one in curves.gates]
    checkpoints = list_checkpoints(run.checkpoints).whole
    found += [Gate(one.stage, one.timesteps) for one in checkpoints if one.kind == "gate"]
    for event in reader.seldom_events(run.id, [_PASSED], _MAX_GATES):
        stage, timesteps = event.body.get("stage"), event.body.get("timesteps")
        if isinstance(stage, int) and isinstance(timesteps, int):
            found.append(Gate(stage, timesteps))
    return found


def last_gate(gates: Iterable[Gate], steps: int) -> int:
    """The highest gate passed within `steps`; 0 before the first."""
    return max((gate.stage for gate in gates if gate.timesteps <= steps), default=0)


def steps_to_gate(gates: Iterable[Gate], stage: int, steps: int) -> float | None:
    """The steps at which a gate, or a later one, was first passed; None if not within `steps`."""
    reached = [gate.timesteps for gate in gates if gate.stage >= stage and gate.timesteps <= steps]
    return float(min(reached)) if reached else None


def value_at(samples: Sequence[Sample], steps: int) -> float | None:
    """The newest value of a series at or before `steps`; None if there is none.

    Of a metric that is not of the training, which has no steps, the newest.
    """
    return next(
        (
            sample.value
            for sample in reversed(samples)
            if sample.timesteps is None or sample.timesteps <= steps
        ),
        None,
    )
