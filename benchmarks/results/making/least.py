"""Computes the least propellant from the fresh seeds' starts. Needs landerctl[optimum]."""

from __future__ import annotations

import numpy as np

from benchmarks.optimum.compare import optima_of
from benchmarks.optimum.craft import landing_at_rest
from benchmarks.optimum.flight import fly
from benchmarks.optimum.search import NoDescentError, optimal_descent
from benchmarks.optimum.starts import NamedStart, feet_heights_m, read_starts
from benchmarks.results.flights import Descent
from benchmarks.results.making.fly import DESCENTS, FRESH_SEED
from benchmarks.results.making.home import UnrecordableError, default_config
from benchmarks.results.optima import Optima
from daemon.trainer.evaluation.provenance import describe_provenance
from daemon.trainer.fleets import build_fleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES

_ROWS = 100  # of a descent


def least_of(vehicle: str, stage: int, starts: int) -> Optima:
    """Of the first `starts` fresh seeds. Raises UnrecordableError."""
    craft, config = VEHICLES[vehicle], default_config(vehicle)
    section = config.curriculum.stages[stage - 1]
    fleet = build_fleet(config, section, starts)
    try:
        named = read_starts(fleet, craft, FRESH_SEED)
        optima = [optima_of(one, craft, section.time_limit_s) for one in named]
    except NoDescentError as error:
        raise UnrecordableError(f"the fuel optimum of {vehicle}: {error}") from error
    finally:
        fleet.close()
    provenance = describe_provenance(
        config, section, policy="", first_seed=FRESH_SEED, episodes=starts
    )
    return Optima(
        vehicle=vehicle,
        stage=stage,
        first_seed=FRESH_SEED,
        environment=provenance.environment,
        propellant_kg=[round(one.propellant_kg, 2) for one in named],
        at_rest_kg=[round(one.at_rest_kg, 2) for one in optima],
        least_kg=[round(one.any_kg, 2) for one in optima],
        descents=[_descent(one, craft, section.time_limit_s) for one in named[:DESCENTS]],
    )


def _descent(named: NamedStart, vehicle: Vehicle, longest_s: float) -> Descent:
    problem = landing_at_rest(vehicle, named.start, named.axis, longest_s)
    flown = fly(problem, optimal_descent(problem))
    kept = np.unique(np.linspace(0, len(flown.time_s) - 1, _ROWS).round().astype(int))
    used = (flown.mass_kg[0] - flown.mass_kg) / named.propellant_kg

    def rounded(values: np.ndarray, digits: int) -> list[float]:
        return [round(float(value), digits) for value in values[kept]]

    return Descent(
        time_s=rounded(flown.time_s, 1),
        distance_m=rounded(np.linalg.norm(flown.position_m[:, :2], axis=1), 1),
        height_m=rounded(feet_heights_m(vehicle, flown.position_m), 1),
        speed_m_s=rounded(np.linalg.norm(flown.velocity_m_s, axis=1), 2),
        used=rounded(used, 4),
    )
