"""`python -m benchmarks optimum`: the pilot's propellant as a ratio of the least possible.

First the published problems, so that the solver is trusted; then, for each vehicle and stage, the
evaluation's first seeds: the optimum from each start, and the reference pilot's flight from it.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("clarabel") is None:
    sys.exit("benchmarks.optimum: clarabel is not installed: pip install 'landerctl[optimum]'")

from benchmarks.optimum.compare import Optima, optima_of, quartiles, report_ratios
from benchmarks.optimum.evaluated import report_evaluation
from benchmarks.optimum.picture import save_picture
from benchmarks.optimum.published import published_problems
from benchmarks.optimum.starts import fly_pilot
from benchmarks.report import report
from daemon.config.load import load_config
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES

STARTS = 100


def main() -> None:
    """Solve the published problems, then every stage or the requested ones; or as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS, help="of each stage")
    parser.add_argument("--stages", type=int, nargs="*", help="counted from 1; default all")
    parser.add_argument("--vehicle", choices=VEHICLES, help="default: each")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--evaluation", type=Path, help="the ratios of a stored one instead (JSON)")
    what.add_argument("--picture", type=Path, help="draw an optimum instead (PNG)")
    arguments = parser.parse_args()
    if arguments.evaluation:
        report_evaluation(arguments.evaluation, arguments.starts)
    elif arguments.picture:
        save_picture(arguments.picture)
    else:
        _report_published()
        for name in [arguments.vehicle] if arguments.vehicle else VEHICLES:
            _compare_vehicle(VEHICLES[name], arguments.stages, arguments.starts)


def _report_published() -> None:
    for one in published_problems():
        found_kg = one.solve().propellant_kg
        report(f"{one.name}: propellant, reference published", found_kg, "kg", one.propellant_kg)


def _compare_vehicle(vehicle: Vehicle, stages: list[int] | None, count: int) -> None:
    config = load_config(None, {"fleet": {"vehicle": vehicle.name}}).config
    for number, stage in enumerate(config.curriculum.stages, start=1):
        if stages and number not in stages:
            continue
        flights = fly_pilot(config, vehicle, number, count)
        optima = [optima_of(named, vehicle, stage.time_limit_s) for named in flights.starts]
        _report_stage(f"{vehicle.name}, stage {number}: ", flights.used_kg(), optima)


def _report_stage(prefix: str, used_kg: list[float | None], optima: list[Optima]) -> None:
    landed = [used for used in used_kg if used is not None]
    report(f"{prefix}starts", len(optima), "1")
    report(f"{prefix}landed by the pilot", len(landed), "1")
    for what, values in (
        ("optimum at rest", [one.at_rest_kg for one in optima]),
        ("least of any landing", [one.any_kg for one in optima]),
        ("pilot", landed),
    ):
        report(f"{prefix}{what}, median", quartiles(values)[1], "kg")
    report_ratios(f"{prefix}pilot", used_kg, optima)
    report(f"{prefix}clearance, smallest", min(one.clearance_m for one in optima), "m")
    report(f"{prefix}arrival, largest error", max(one.arrival_error_m for one in optima), "m")


if __name__ == "__main__":
    main()
