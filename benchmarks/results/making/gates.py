"""The gates that a training passed, from the event log."""

from __future__ import annotations

from benchmarks.results.record import Gate
from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.curves import RunCurves, read_curves
from daemon.runs.metadata import read_metadata
from daemon.store.reader import StoreReader

_EVENTS = 10_000


def passed_gates(
    store: StoreReader, paths: StatePaths, run: RunPaths, curves: RunCurves
) -> list[Gate]:
    """The first pass of each gate that led to the newest state; a fork's are its origin's, too.

    Raises StoreError.
    """
    passed = {(gate.stage, gate.timesteps) for gate in curves.kept().gates}
    gates: dict[int, Gate] = {}
    if (parent := read_metadata(run).parent) is not None:
        origin = paths.run(parent.run_id)
        before = passed_gates(store, paths, origin, read_curves(origin) or RunCurves())
        gates = {gate.stage: gate for gate in before if gate.timesteps <= parent.timesteps}
    for event in store.seldom_events(run.id, ["stage.passed"], _EVENTS):
        body = event.body
        gate = Gate(
            stage=int(body["stage"] or 0),
            timesteps=int(body["timesteps"] or 0),
            trained_s=float(body["trained_s"] or 0.0),
            success_rate=float(body["success_rate"] or 0.0),
            reward_mean=float(body["reward_mean"] or 0.0),
        )
        if (gate.stage, gate.timesteps) in passed:
            gates.setdefault(gate.stage, gate)
    return [gates[stage] for stage in sorted(gates)]
