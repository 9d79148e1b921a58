"""Draws a lander's deviations: a function of the episode's seed and the parameter's name alone.

So a parameter that is dispersed alone has the same values as among all of them, a case is flown
again from its seed, and no draw depends on how many landers fly or in what order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from statistics import NormalDist

import msgspec

from daemon.runs.dispersion.parameters import (
    NOMINAL,
    PARAMETERS,
    TOGETHER,
    Dispersion,
    Dispersions,
)


class Draw(msgspec.Struct, frozen=True):
    """A drawn value."""

    parameter: str
    value: float
    unit: str
    share: float | None = None  # of a failure: uniform in [0, 1), selects what fails


def draw_case(case: str, seed: int, dispersions: Dispersions) -> tuple[Draw, ...]:
    """What an episode's seed draws in a case: NOMINAL, TOGETHER, or the name of a parameter.

    A failure happens by its chance with all dispersions, and in each episode when it is alone.
    Raises ValueError for a case that `dispersions` do not have.
    """
    if case == NOMINAL:
        return ()
    if case != TOGETHER:
        if case not in dispersions:
            raise ValueError(f"no dispersion {case!r}")
        return (_draw(case, seed, dispersions[case]),)
    return tuple(
        _draw(name, seed, dispersion)
        for name, dispersion in dispersions.items()
        if dispersion.chance is None or _uniform(f"{name} chance", seed) < dispersion.chance
    )


def cases_of(dispersions: Dispersions) -> list[str]:
    """The cases to fly: nominal, each dispersion alone, all together if there are several."""
    return [NOMINAL, *dispersions, *([TOGETHER] if len(dispersions) > 1 else [])]


def in_words(drawn: Iterable[Draw]) -> str:
    """``dry_mass +1.25 %, isp -0.31 %``."""
    return ", ".join(f"{draw.parameter} {draw.value:+.3g} {draw.unit}" for draw in drawn) or "none"


def _draw(name: str, seed: int, dispersion: Dispersion) -> Draw:
    parameter = PARAMETERS[name]
    share = _uniform(name, seed)
    if dispersion.distribution == "uniform":
        deviation = dispersion.size * (2.0 * share - 1.0)
    else:
        deviation = dispersion.size * NormalDist().inv_cdf(share)
    value = min(max(dispersion.mean + deviation, parameter.least), parameter.most)
    which = _uniform(f"{name} which", seed) if parameter.failure else None
    return Draw(name, value, parameter.unit, which)


def _uniform(name: str, seed: int) -> float:
    """A number between 0 and 1, exclusive, from 53 bits of a digest of both."""
    digest = hashlib.blake2b(f"{name} {seed}".encode(), digest_size=8).digest()
    return ((int.from_bytes(digest, "big") >> 11) + 0.5) / (1 << 53)
