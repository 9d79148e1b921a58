"""The learning curves in the package, from the recorded trainings and benchmarks."""

from __future__ import annotations

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
        curves=[_curve(run) for run in default],
        speeds={size: round(speed, 3) for size, speed in speeds.items()} or {FLEET: 1.0},
    )
    return msgspec.json.format(msgspec.json.encode(curves)).decode() + "\n"


def _curve(run: RunResult) -> Curve:
    """The end of a training that stopped at its last gate is that gate's."""
    points = [(gate.timesteps, round(gate.trained_s, 1)) for gate in run.gates]
    points.append(max((run.timesteps, round(run.trained_s, 1)), points[-1]))
    return Curve(
        algorithm=run.algorithm,
        seed=run.seed,
        timesteps=[timesteps for timesteps, _ in points],
        trained_s=[trained_s for _, trained_s in points],
    )
