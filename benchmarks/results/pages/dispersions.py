"""The table of what the best models and the reference pilot do under dispersions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.blocks import table
from benchmarks.results.pages.policies import PILOT, show
from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.record import DispersedResult, Figures


def dispersions(results: Sequence[tuple[str, DispersedResult]]) -> str:
    """A row a case; success and mean miss of each best model (with its title) and of the pilot."""
    rows = []
    for place, case in enumerate(results[0][1].cases):
        flown = [result.cases[place].figures[result.pilot] for _, result in results]
        row = [f"`{case.case}`", *map(_cell, flown)]
        if len(flown) > 1:
            row.append(_medians(flown))
        rows.append([*row, _cell(case.figures[REFERENCE])])
    head = ["case", *(title for title, _ in results)]
    return table([*head, *(["median"] if len(results) > 1 else []), PILOT], rows)


def _cell(figures: Figures) -> str:
    return f"{show(figures.success_rate, 100, 0, '%')}; {show(figures.distance_m, 1, 1, ' m')}"


def _medians(flown: Sequence[Figures]) -> str:
    success = statistics.median(one.success_rate.mean for one in flown)
    misses = [one.distance_m.mean for one in flown if one.distance_m is not None]
    miss = f"{statistics.median(misses):.1f} m" if len(misses) == len(flown) else "-"
    return f"{success:.0%}; {miss}"
