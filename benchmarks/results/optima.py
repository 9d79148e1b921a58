"""The least propellant from the fresh seeds' starts: a record a vehicle and stage.

benchmarks/optimum computes it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.results.files import read, write
from benchmarks.results.flights import Descent, Flights
from benchmarks.results.record import FOLDER

OPTIMA = FOLDER / "optima"


class Optima(msgspec.Struct, frozen=True, kw_only=True):
    """A value a seed in each list, from `first_seed` up."""

    vehicle: str
    stage: int
    first_seed: int
    environment: str  # digest, as in daemon.runs.evaluations.Provenance
    propellant_kg: list[float]  # on board at the start
    at_rest_kg: list[float]  # used by the optimum upright and at rest on the pad's centre
    least_kg: list[float]  # the least of any landing
    descents: list[Descent]  # of the optimum at rest, from the first seeds


def fuel_of_optimum(flights: Flights, optima: Optima) -> list[float]:
    """What each landing used, as a ratio of the optimum at rest from the same start.

    Of the seeds that both records have. Raises ValueError if they began elsewhere.
    """
    provenance = flights.result.provenance
    seen = provenance.environment if provenance else "", flights.result.first_seed
    if seen != (optima.environment, optima.first_seed):
        raise ValueError(f"{flights.result.pilot} flew other starts than these optima are of")
    rows = zip(
        flights.landed, flights.fuel_left, optima.propellant_kg, optima.at_rest_kg, strict=False
    )
    return [(1.0 - left) * board / least for landed, left, board, least in rows if landed]


def save_optima(optima: Optima) -> Path:
    """Write the record to docs/results/optima/."""
    return write(_path(optima.vehicle, optima.stage), optima)


def load_optima(vehicle: str, stage: int) -> Optima | None:
    """The record of a vehicle's stage; None if there is none."""
    return read(_path(vehicle, stage), Optima)


def _path(vehicle: str, stage: int) -> Path:
    return OPTIMA / f"{vehicle}-stage{stage}.json"
