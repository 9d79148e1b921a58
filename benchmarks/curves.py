"""The learning curves in the package, from the recorded trainings and benchmarks."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.record import ModuleRecord
from benchmarks.results.plan import HLS
from benchmarks.results.record import RunResult
from checks.checklist.performance.curves import FLEET, Curve, LearningCurves

SIZES = (32, 128, 256)  # landers of the fleets that benchmarks.scaling measures


def figure_name(size: int) -> str:
    """The name of a size's figure in the record."""
    return f"PPO end to end, fleet of {size}, reference fleet of {FLEET}"


def curves_text(results: Sequence[RunResult], benchmarks: Mapping[str, ModuleRecord]) -> str:
    """The content of `learning_curves.json`. Killed trainings repeat others, so they are no
    curves of their own.
    """
    default = [run for run in results if run.default and run.n_envs == FLEET and run.vehicle == HLS]
    scaling = benchmarks.get("scaling")
    figures = {figure.name: figure.value for figure in scaling.figures} if scaling else {}
    own = figures.get(figure_name(FLEET), 1.0)
    speeds = {
        size: figures[figure_name(size)] / own for size in SIZES if figure_name(size) in figures
    }
    curves = LearningCurves(
        machine=f"{default[0].cpu}, {default[0].cores} core",
        curves=[_curve(run, _speed(run.algorithm, default)) for run in default],
        speeds={size: round(speed, 3) for size, speed in speeds.items()} or {FLEET: 1.0},
    )
    return msgspec.json.format(msgspec.json.encode(curves)).decode() + "\n"


def _speed(algorithm: str, results: Sequence[RunResult]) -> float:
    """Steps a second: the median of the algorithm's trainings."""
    return statistics.median(run.steps_per_s for run in results if run.algorithm == algorithm)


def _curve(run: RunResult, steps_per_s: float) -> Curve:
    """At one speed: other programs come and go in the hours of a training, which would make the way
    from one gate to the next seem longer than the others.

    The end of a training that stopped at its last gate is that gate's.
    """
    steps = [gate.timesteps for gate in run.gates]
    points = [*steps, max(run.timesteps, steps[-1])]
    return Curve(
        algorithm=run.algorithm,
        seed=run.seed,
        timesteps=points,
        trained_s=[round(timesteps / steps_per_s, 1) for timesteps in points],
    )
