"""The tables of docs/scale.md, from the record of benchmarks.sweep_scale."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchmarks.blocks import table
from benchmarks.record import Figure, ModuleRecord

HEAD = (
    "Trials",
    "Scheduler",
    "Legs",
    "CPU a leg",
    "CPU, all",
    "Memory",
    "sweep.db",
    "`sweep status`",
)
_SWEEP = re.compile(r"([\d,]+) trials by (\w+): legs")


def growth(found: ModuleRecord | None) -> str:
    """What whole sweeps cost, by size; then what all else was measured."""
    if found is None:
        return "`make bench` measures this and writes its figures here.\n"
    figures = {figure.name.partition(", reference")[0]: figure for figure in found.figures}
    sweeps = [match for name in figures if (match := _SWEEP.fullmatch(name))]
    rows = [_row(figures, match[1], match[2]) for match in sweeps]
    others = [
        (name, f"{_short(figure.value)} {figure.unit}".rstrip(), _limit(figure))
        for name, figure in figures.items()
        if " trials by " not in name or name.startswith("a proposal")
    ]
    where = f"Measured on {found.cpu}, {found.cores} cores; {found.note or 'nothing else ran'}.\n"
    return f"{where}\n{table(HEAD, rows)}\n{table(('What', 'Figure', 'Limit'), others)}"


def _row(figures: Mapping[str, Figure], trials: str, scheduler: str) -> tuple[str, ...]:
    def of(what: str) -> float:
        return figures[f"{trials} trials by {scheduler}: {what}"].value

    legs, a_leg_ms = of("legs"), of("coordinator's CPU a leg")
    return (
        trials,
        scheduler,
        f"{legs:,.0f}",
        f"{a_leg_ms:.2g} ms",
        f"{legs * a_leg_ms / 1e3:.3g} s",
        f"{of('memory'):.0f} MB",
        f"{of('sweep.db'):.3g} MB",
        f"{of('landerctl sweep status'):.2f} s",
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _limit(figure: Figure) -> str:
    limited = figure.reference is not None and figure.name.endswith("limit")
    return f"{_short(figure.reference or 0.0)} {figure.unit}".rstrip() if limited else ""
