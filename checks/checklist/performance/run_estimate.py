"""The estimate of the current run, or of another fleet on its machine. Pure but for the curves."""

from __future__ import annotations

from checks.checklist.performance.completion import (
    Estimate,
    Position,
    estimate,
    recorded_rates,
    speed_of_fleet,
)
from checks.checklist.performance.curves import LearningCurves, load_curves
from checks.checklist.performance.facts import RunPerformance

LEAST_S = 60.0  # of training: before that a pace is mostly start-up


def estimate_completion(run: RunPerformance, n_envs: int | None = None) -> Estimate | None:
    """When the run passes its gates and ends; with `n_envs`, a new training by another fleet.

    None if it has not trained for LEAST_S, if its stages are not the recorded trainings', if none
    by its algorithm was recorded, or if the speed of such a fleet was not.
    """
    curves = load_curves()
    pace = pace_of(run, curves)
    if pace is None or not run.default_stages:
        return None
    fleet = run.n_envs if n_envs is None else n_envs
    if n_envs not in (None, run.n_envs):
        other, own = (speed_of_fleet(curves, size) for size in (fleet, run.n_envs))
        if other is None or own is None:
            return None
        pace *= other / own
    position = Position() if n_envs is not None else position_of(run)
    return estimate(
        curves,
        run.algorithm,
        fleet,
        timesteps=run.timesteps_limit,
        pace=pace,
        position=position,
    )


def pace_of(run: RunPerformance, curves: LearningCurves) -> float | None:
    """How many times as fast as the recorded trainings in the same stages the last hour was.

    The recorded time of the steps flown, by the median speed in their stage, over the time taken.
    """
    recorded = curves.of(run.algorithm)
    took_s = sum(leg.trained_s for leg in run.legs)
    if not recorded or took_s < LEAST_S:
        return None
    rates = recorded_rates(recorded)
    expected_s = sum(leg.steps / rates[min(leg.gates, len(rates) - 1)] for leg in run.legs)
    return expected_s / took_s


def position_of(run: RunPerformance) -> Position:
    """How far it is."""
    last = run.gates[-1] if run.gates else None
    return Position(
        gates=last.stage if last else 0,
        timesteps=run.timesteps,
        gate_timesteps=last.timesteps if last else 0,
        trained_s=run.trained_s,
    )
