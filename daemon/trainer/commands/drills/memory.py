"""Whether memory grows: over resets of a fleet, and over fleets created and closed."""

from __future__ import annotations

import gc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression

import numpy as np
import psutil

from daemon.base.text.counted import counted
from daemon.protocol.finding import Figures, Finding
from daemon.runs.statistics.intervals import student_t
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.fleets import build_fleet

RESETS = 2_000
RESETS_A_SAMPLE = 20
GROWTH_LIMIT = 0.02  # of the resident memory
CLOSED_FIRST, CLOSED_LAST = 10, 30  # fleets, after which memory is compared
CLOSED_FLEET = 128  # landers: their memory must be large beside the process's own
CLOSED_LIMIT = 0.05


@dataclass(frozen=True)
class Growth:
    """Of a series: how much it grew in its last three quarters, as a share of their start."""

    share: float
    upper: float  # end of its 95% interval


def growth(samples: Sequence[float]) -> Growth:
    """The slope of the last three quarters by ordinary least squares, times their length.

    The first quarter is left out: allocators settle in it. The interval is Student's with n - 2
    degrees of freedom (Draper and Smith, Applied Regression Analysis, 1.4); memory grows in steps,
    whose residuals are correlated, so it is approximate. Raises ValueError for fewer than 8.
    """
    if len(samples) < 8:
        raise ValueError(f"{counted(len(samples), 'sample')}: at least 8 are needed")
    kept = samples[len(samples) // 4 :]
    n = len(kept)
    slope, intercept = linear_regression(range(n), kept)
    squares = sum((value - intercept - slope * k) ** 2 for k, value in enumerate(kept))
    spread = n * (n * n - 1) / 12  # sum of squares of 0 ... n - 1 about their mean
    half = student_t(n - 2) * math.sqrt(squares / (n - 2) / spread)
    return Growth(slope * (n - 1) / kept[0], (slope + half) * (n - 1) / kept[0])


def memory_over_resets(work: Work) -> Finding:
    """Reset the configured fleet RESETS times, each followed by a step."""
    config = work.config
    fleet = build_fleet(config, config.curriculum.stages[0], config.run.n_envs)
    actions = np.zeros((fleet.num_envs, *(fleet.action_space.shape or ())), np.float32)
    samples: list[float] = []
    for count in range(1, RESETS + 1):
        fleet.reset()
        fleet.step_async(actions)
        fleet.step_wait()
        if count % RESETS_A_SAMPLE == 0:
            samples.append(resident_bytes())
    fleet.close()
    return judge_resets(samples, fleet.num_envs)


def judge_resets(samples: Sequence[float], n_envs: int) -> Finding:
    """Memory (bytes) after every RESETS_A_SAMPLE resets of a fleet."""
    found = growth(samples)
    kept = len(samples) - len(samples) // 4
    a_lander = found.upper * samples[len(samples) // 4] / (kept * RESETS_A_SAMPLE * n_envs)
    text = (
        f"{len(samples) * RESETS_A_SAMPLE:,} resets of {counted(n_envs, 'lander')}: memory grew by "
        f"{found.share:.2%}, at most {found.upper:.2%} (95%)"
    )
    figures: Figures = {
        "growth_percent": round(100.0 * found.share, 3),
        "growth_upper_percent": round(100.0 * found.upper, 3),
        "upper_bytes_per_episode": round(a_lander, 1),
        "memory_mb": round(samples[-1] / 1e6, 1),
        "resets": len(samples) * RESETS_A_SAMPLE,
        "landers": n_envs,
    }
    return Finding("memory-flat", found.upper <= GROWTH_LIMIT, text, figures)


def memory_over_closes(work: Work) -> Finding:
    """Create, reset and close a fleet CLOSED_LAST times."""
    config, memory = work.config, 0.0
    for count in range(1, CLOSED_LAST + 1):
        fleet = build_fleet(config, config.curriculum.stages[0], CLOSED_FLEET)
        fleet.reset()
        fleet.close()
        del fleet
        gc.collect()
        if count == CLOSED_FIRST:
            memory = resident_bytes()
    return judge_closes(memory, resident_bytes())


def judge_closes(first: float, last: float) -> Finding:
    """Memory (bytes) after CLOSED_FIRST and after CLOSED_LAST fleets were created and closed."""
    share = last / first - 1.0
    text = (
        f"after {CLOSED_LAST} fleets of {CLOSED_FLEET} landers {last / 1e6:.0f} MB, after "
        f"{CLOSED_FIRST} {first / 1e6:.0f} MB: {share:+.1%}"
    )
    figures: Figures = {
        "first_mb": round(first / 1e6, 1),
        "last_mb": round(last / 1e6, 1),
        "growth_percent": round(100.0 * share, 2),
    }
    return Finding("close-frees", share <= CLOSED_LIMIT, text, figures)


def resident_bytes() -> float:
    """Resident memory of this process."""
    return float(psutil.Process().memory_info().rss)
