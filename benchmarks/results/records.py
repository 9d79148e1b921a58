"""All records of docs/results/, as the pages need them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.results.curve import TrainingCurve, load_curve
from benchmarks.results.dispersed import load_dispersion
from benchmarks.results.flights import Flights, load_flights, reference_name
from benchmarks.results.optima import Optima, load_optima
from benchmarks.results.record import RunResult, load_all, newest
from daemon.runs.dispersion.record import DispersedResult


@dataclass(frozen=True)
class Recorded:
    """A training's result and what else is recorded of it."""

    result: RunResult
    curve: TrainingCurve | None
    flights: Flights | None
    dispersed: DispersedResult | None


@dataclass(frozen=True)
class VehicleRecords:
    """The PPO trainings of a vehicle with its default settings, and what they compare with."""

    vehicle: str
    trainings: list[Recorded]  # by seed
    pilot: Flights | None
    optima: Optima | None


def load_vehicle(vehicle: str, results: list[RunResult]) -> VehicleRecords:
    """The records of a vehicle's trainings among these results."""
    runs = [r for r in results if r.default and (r.algorithm, r.vehicle) == ("ppo", vehicle)]
    final = next((run.final for run in runs if run.final), None)
    stage = final.stage if final else 0
    return VehicleRecords(
        vehicle=vehicle,
        trainings=[
            Recorded(run, load_curve(run.name), load_flights(run.name), load_dispersion(run.name))
            for run in sorted(runs, key=lambda run: run.seed)
        ],
        pilot=load_flights(reference_name(vehicle, stage)),
        optima=load_optima(vehicle, stage),
    )


def load_results() -> list[RunResult]:
    """Every result that is not of an older environment than another of its kind."""
    return newest(load_all())
