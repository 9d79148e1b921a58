"""Records a training, step by step: what is recorded already is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.results.curve import of_curves, save_curve
from benchmarks.results.dispersed import load_dispersion, save_dispersion
from benchmarks.results.flights import (
    Flights,
    load_flights,
    reference_name,
    same_starts,
    save_flights,
)
from benchmarks.results.making.fly import fly, fly_dispersed
from benchmarks.results.making.home import (
    Training,
    UnrecordableError,
    read_training,
    run_result,
)
from benchmarks.results.optima import Optima, load_optima, save_optima
from benchmarks.results.plan import Planned
from benchmarks.results.record import Kill, save
from daemon.runs.dispersion.record import DispersedResult
from daemon.runs.evaluations import EvaluationResult

LAST_STAGE = 5  # what the tables of dispersions and of the optimum are about


@dataclass(frozen=True)
class Extent:
    """How much is flown and computed of each training; 0: that part is left out."""

    episodes: int = 1000
    optima: int = 100  # starts
    dispersed: int = 100  # episodes of each case and pilot


def collect(
    home: Path,
    planned: Planned,
    extent: Extent,
    *,
    show: Callable[[Path], object],
    kills: list[Kill] | None = None,
    note: str = "",
) -> None:
    """Record the current run of a state folder; `show` gets each file as it is written.

    The reference pilot and the optima are of a vehicle and its stage: they serve all trainings.
    Raises UnrecordableError, StoreError, OSError, TrajectoriesError, CalledProcessError.
    """
    name, training = planned.name, read_training(home)
    _check(planned, training)
    stage, vehicle = training.stage, training.config.fleet.vehicle
    result = run_result(
        training, name, until_stage=planned.until_stage, kills=kills or [], note=note
    )
    show(save(result))
    show(save_curve(name, of_curves(training.curves)))
    if not extent.episodes:
        return
    flights = load_flights(name)
    if flights is None or not _of(training, flights, extent):
        flights = fly(training, stage, extent.episodes)
        show(save_flights(name, flights))
    pilot = load_flights(reference_name(vehicle, stage))
    if pilot is None or not same_starts(pilot.result, flights.result):
        pilot = fly(training, stage, extent.episodes, reference=True)
        show(save_flights(reference_name(vehicle, stage), pilot))
    show(save(msgspec.structs.replace(result, final=flights.result, pilot=pilot.result)))
    if stage == LAST_STAGE:
        _collect_last_stage(training, name, flights, extent, show)


def _check(planned: Planned, training: Training) -> None:
    run, vehicle = training.config.run, training.config.fleet.vehicle
    found = run.algorithm, vehicle, run.seed
    expected = planned.algorithm, planned.vehicle, planned.seed
    if found != expected:
        raise UnrecordableError(
            f"{training.run.folder}: it is of {_named(found)}; {planned.name} is of "
            f"{_named(expected)}"
        )


def _named(training: tuple[str, str, int]) -> str:
    algorithm, vehicle, seed = training
    return f"{algorithm}, {vehicle}, seed {seed}"


def _collect_last_stage(
    training: Training,
    name: str,
    flights: Flights,
    extent: Extent,
    show: Callable[[Path], object],
) -> None:
    vehicle = training.config.fleet.vehicle
    optima, provenance = load_optima(vehicle, LAST_STAGE), flights.result.provenance
    environment = provenance.environment if provenance else ""
    known = optima is not None and optima.environment == environment
    if extent.optima and not known:
        show(save_optima(_least(vehicle, extent.optima)))
    dispersed = load_dispersion(name)
    if extent.dispersed and (dispersed is None or not _same_model(training, dispersed)):
        flown = fly_dispersed(training, LAST_STAGE, extent.dispersed)
        show(save_dispersion(name, flown))


def _least(vehicle: str, starts: int) -> Optima:
    try:
        from benchmarks.results.making.least import least_of  # noqa: PLC0415 - needs an extra
    except ImportError as error:
        raise UnrecordableError(
            f"the fuel optimum: {error}; install landerctl[optimum], or name --optima 0"
        ) from error
    return least_of(vehicle, LAST_STAGE, starts)


def _of(training: Training, flights: Flights, extent: Extent) -> bool:
    return _same_model(training, flights.result) and flights.result.episodes == extent.episodes


def _same_model(training: Training, flown: EvaluationResult | DispersedResult) -> bool:
    return (flown.run_id, flown.pilot) == (training.run.id, training.best.id)
