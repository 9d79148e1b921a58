"""The tables of docs/fuel-optimum.md, from the record of `python -m benchmarks optimum`."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.blocks import table
from benchmarks.record import Figure, ModuleRecord
from env.physics.vehicles import VEHICLES

NOT_YET = "`python -m benchmarks optimum` writes its figures here.\n"
PUBLISHED = ": propellant, reference published"
HEAD = ("Stage", "Starts", "Landed", "Optimum at rest, kg", "Least of any landing, kg", "Pilot, kg")
RATIOS = ("Pilot / optimum at rest", "Pilot / least of any landing")


def published_text(found: ModuleRecord | None) -> str:
    """Each published problem's optimum and ours."""
    if found is None:
        return NOT_YET
    rows = [
        (
            figure.name.removesuffix(PUBLISHED),
            f"{figure.reference:g}",
            f"{figure.value:g}",
            f"{100.0 * (figure.value / figure.reference - 1.0):+.2f}%",
        )
        for figure in found.figures
        if figure.name.endswith(PUBLISHED) and figure.reference is not None
    ]
    return table(("Problem", "Published, kg", "Here, kg", "Difference"), rows)


def ratios_text(found: ModuleRecord | None) -> str:
    """A table for each vehicle: the pilot's propellant beside the optima, with quartiles."""
    if found is None:
        return NOT_YET
    figures = {figure.name: figure for figure in found.figures}
    parts = []
    for vehicle in VEHICLES:
        prefixes = {n: f"{vehicle}, stage {n}: " for n in range(1, 100)}
        rows = [
            _row(figures, prefix, n)
            for n, prefix in prefixes.items()
            if f"{prefix}starts" in figures
        ]
        if rows:
            parts.append(f"`{vehicle}`:\n\n{table((*HEAD, *RATIOS), rows)}")
    return "\n".join(parts)


def _row(figures: Mapping[str, Figure], prefix: str, stage: int) -> list[str]:
    def value(what: str) -> float:
        return figures[f"{prefix}{what}"].value

    def mass(what: str) -> str:
        kg = value(f"{what}, median")
        return f"{kg:,.0f}" if kg >= 100.0 else f"{kg:.1f}"

    def spread(what: str) -> str:
        low, middle, high = (value(f"{what}, {of}") for of in ("25%", "median", "75%"))
        return f"{middle:.2f} ({low:.2f} to {high:.2f})"

    return [
        str(stage),
        f"{value('starts'):g}",
        f"{value('landed by the pilot'):g}",
        *(mass(what) for what in ("optimum at rest", "least of any landing", "pilot")),
        spread("pilot of the optimum at rest"),
        spread("pilot of the least of any landing"),
    ]
