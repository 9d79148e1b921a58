"""`python -m benchmarks optimum`: the pilot's propellant as a ratio of the least possible.

First the published problems, so that the solver is trusted; then, for each vehicle and stage, the
evaluation's first seeds: the optimum from each start, and the reference pilot's flight from it.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

if find_spec("clarabel") is None:
    sys.exit("benchmarks.optimum: clarabel is not installed: pip install 'landerctl[optimum]'")

from benchmarks.optimum.compare import Compared, compare, quartiles
from benchmarks.optimum.published import published_problems
from benchmarks.optimum.starts import fly_pilot
from benchmarks.report import report
from daemon.config.load import load_config
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES

STARTS = 100


def main() -> None:
    """Solve the published problems, then every stage or the requested ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS, help="of each stage")
    parser.add_argument("--stages", type=int, nargs="*", help="counted from 1; default all")
    parser.add_argument("--vehicle", choices=VEHICLES, help="default: each")
    arguments = parser.parse_args()
    for one in published_problems():
        found_kg = one.solve().propellant_kg
        report(f"{one.name}: propellant, reference published", found_kg, "kg", one.propellant_kg)
    for name in [arguments.vehicle] if arguments.vehicle else VEHICLES:
        _compare_vehicle(VEHICLES[name], arguments.stages, arguments.starts)


def _compare_vehicle(vehicle: Vehicle, stages: list[int] | None, count: int) -> None:
    config = load_config(None, {"fleet": {"vehicle": vehicle.name}}).config
    for number, stage in enumerate(config.curriculum.stages, start=1):
        if stages and number not in stages:
            continue
        flights = fly_pilot(config, vehicle, number, count)
        compared = [compare(flights, vehicle, k, stage.time_limit_s) for k in range(count)]
        _report_stage(f"{vehicle.name}, stage {number}", compared)


def _report_stage(name: str, compared: list[Compared]) -> None:
    landed = [one for one in compared if one.landed]
    report(f"{name}: starts", len(compared), "1")
    report(f"{name}: landed by the pilot", len(landed), "1")
    for what, values in (
        ("optimum at rest", [one.at_rest_kg for one in compared]),
        ("least of any landing", [one.any_kg for one in compared]),
        ("pilot", [one.pilot_kg for one in landed]),
    ):
        report(f"{name}: {what}, median", quartiles(values)[1], "kg")
    for what, ratios in (
        ("pilot of the optimum at rest", [one.pilot_kg / one.at_rest_kg for one in landed]),
        ("pilot of the least of any landing", [one.pilot_kg / one.any_kg for one in landed]),
    ):
        for label, value in zip(("25%", "median", "75%"), quartiles(ratios), strict=True):
            report(f"{name}: {what}, {label}", value, "1")
        report(f"{name}: {what}, smallest", min(ratios), "1")
    report(f"{name}: clearance, smallest", min(one.clearance_m for one in compared), "m")
    report(f"{name}: arrival, largest error", max(one.arrival_error_m for one in compared), "m")


if __name__ == "__main__":
    main()
