"""The document's table of benchmarks, filled with the current run's figures. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import msgspec

from checks.checklist.performance.collect import (
    DISTANCE,
    EPISODE_STEPS,
    FUEL,
    LANDER_MB,
    REWARD,
    SPEED,
)
from checks.checklist.performance.facts import RunPerformance
from checks.milestones.history import SUCCESS
from checks.wording import number, percent
from daemon.config import load_config
from daemon.config.schema import AlertRule, ChecklistSettings

_WAIT = "let it train: measured in the last stage, after its ramp"


def _steps_per_s(value: float) -> str:
    return f"{number(value)} steps/s"


def _megabytes(value: float) -> str:
    return f"{number(value, 2 if value < 10 else 0)} MB"


def _metres(value: float) -> str:
    return f"{number(value, 1)} m"


def _steps(value: float) -> str:
    return f"{number(value)} steps"


@dataclass(frozen=True)
class Benchmark:
    """One row. `rule`: the alert rule with its threshold; empty: [checklist] has it."""

    name: str
    figure: str  # the figure's name, with its unit
    measured: Callable[[RunPerformance], float | None]
    shown: Callable[[float], str]
    rule: str
    missing: str  # why there is no figure yet, and what brings one
    metric: str = ""  # of those that the machine decides: what its first hour is compared in
    # Steps that it was measured after; its rule's `stage_steps` are needed.
    steps: Callable[[RunPerformance], float] = lambda run: math.inf


def _last_stage(metric: str) -> Callable[[RunPerformance], float | None]:
    return lambda run: run.last_stage.get(metric)


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "speed",
        "speed_steps_per_s",
        lambda run: run.medians.get(SPEED),
        _steps_per_s,
        "speed-low",
        "let it train: measured after the first iteration",
        SPEED,
    ),
    Benchmark(
        "memory",
        "memory_per_lander_mb",
        lambda run: run.medians.get(LANDER_MB),
        _megabytes,
        "memory-per-lander",
        "let it train: measured while a trainer runs",
        LANDER_MB,
    ),
    Benchmark(
        "stage-1",
        "success_rate",
        lambda run: run.stage_1_success,
        percent,
        "stage-1-success-low",
        "let it train: measured at the gate of stage 1",
        steps=lambda run: math.inf if run.gates else run.timesteps,
    ),
    Benchmark(
        "stage-5", "success_rate", _last_stage(SUCCESS), percent, "stage-5-success-low", _WAIT
    ),
    Benchmark("reward", "reward_mean", _last_stage(REWARD), number, "stage-5-reward-low", _WAIT),
    Benchmark("fuel", "fuel_left", _last_stage(FUEL), percent, "fuel-low", _WAIT),
    Benchmark("precision", "distance_m", _last_stage(DISTANCE), _metres, "", _WAIT),
    Benchmark(
        "episode-length", "steps", _last_stage(EPISODE_STEPS), _steps, "episodes-long", _WAIT
    ),
)


class BenchmarkRow(msgspec.Struct, frozen=True):
    """A row with the run's figure. `holds` None: not measured, so not judged.

    `first_hour`, `reaches`: the same for what this machine reached in the run's first hour.
    """

    name: str
    measured: float | None
    threshold: float | None  # None: its alert rule is missing
    below: bool  # whether values below the threshold are bad
    holds: bool | None
    text: str
    first_hour: float | None
    reaches: bool | None
    loosened_from: float | None = None  # the default threshold, if this one is looser


def judge_benchmark(
    row: Benchmark,
    run: RunPerformance | None,
    rules: Mapping[str, AlertRule],
    limits: ChecklistSettings,
    first_hour: Mapping[str, float],
) -> BenchmarkRow:
    """The row's verdict. `rules`: alert rules by name; `first_hour`: medians by metric."""
    measured = row.measured(run) if run else None
    threshold: float | None = limits.precision_alert_m
    below, least_steps = False, 0
    if row.rule:
        rule = rules.get(row.rule)
        threshold = rule.threshold if rule else None
        below = rule is not None and rule.comparison == "below"
        least_steps = rule.stage_steps if rule else 0
    holds: bool | None = None
    if threshold is None:
        text = f"the alert rule {row.rule} is missing in the configuration"
        holds = False
    elif run is None or measured is None:
        text = row.missing
    elif row.steps(run) < least_steps:
        text = f"{row.shown(measured)} so far, judged at its gate or after {least_steps:,} steps"
    else:
        holds = measured >= threshold if below else measured <= threshold
        side = "at least" if below else "at most"
        text = f"{row.shown(measured)}, {side} {row.shown(threshold)}"
        if not holds:
            text = f"{row.shown(measured)}, must be {side} {row.shown(threshold)}"
    default = default_thresholds().get(row.rule)
    loosened_from = None
    if default is not None and threshold is not None and default != threshold:
        loosened_from = default if (threshold < default) == below else None
    if loosened_from is not None:
        text = f"{text} (loosened from {row.shown(loosened_from)})"
    learnt = first_hour.get(row.metric)
    return BenchmarkRow(
        name=row.name,
        measured=measured,
        threshold=threshold,
        below=below,
        holds=holds,
        text=text,
        first_hour=learnt,
        reaches=_reaches(measured, learnt, limits.first_hour_share, more_is_better=below),
        loosened_from=loosened_from,
    )


@cache
def default_thresholds() -> dict[str, float]:
    """The thresholds of the default alert rules, by name."""
    return {rule.name: rule.threshold for rule in load_config(None).config.alerts}


def _reaches(
    measured: float | None, learnt: float | None, share: float, *, more_is_better: bool
) -> bool | None:
    if measured is None or learnt is None:
        return None
    return measured >= learnt * share if more_is_better else measured * share <= learnt
