"""The table of what the best models and the reference pilot do under dispersions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.blocks import table
from benchmarks.results.flights import LANDED
from benchmarks.results.pages.policies import PILOT, show
from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.record import DispersedResult, Figures
from daemon.runs.statistics.intervals import wilson_interval


def dispersions(results: Sequence[tuple[int, DispersedResult]]) -> str:
    """A row a case: the best models, each with its training's seed, beside the pilot."""
    rows = [
        _row(
            case.case,
            [result.cases[place].figures[result.pilot] for _, result in results],
            case.figures[REFERENCE],
        )
        for place, case in enumerate(results[0][1].cases)
    ]
    seeds = ", ".join(str(seed) for seed, _ in results)
    head = ["case", f"seed {seeds}", "success", f"{PILOT}'s", "distance from the pad"]
    return table([*head, f"{PILOT}'s"], rows)


def _row(case: str, models: Sequence[Figures], pilot: Figures) -> list[str]:
    episodes = sum(sum(one.outcomes.values()) for one in models)
    landed = sum(one.outcomes.get(LANDED, 0) for one in models)
    misses_m = [one.distance_m.mean for one in models if one.distance_m is not None]
    return [
        f"`{case}`",
        f"{', '.join(f'{100 * one.success_rate.mean:.0f}' for one in models)}%",
        show(wilson_interval(landed, episodes), 100, 1, "%"),
        show(pilot.success_rate, 100, 1, "%"),
        f"{statistics.median(misses_m):.2f} m" if misses_m else "-",
        show(pilot.distance_m, 1, 2, " m"),
    ]
