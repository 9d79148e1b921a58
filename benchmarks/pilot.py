"""The reference pilot by stage: success rate, precision, and propellant used.

Prints figures over fresh seeds of config.toml's stages; fuel is compared with the lower bound of
env.pilot.bound for the same flights.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection

import numpy as np

from benchmarks.report import report
from daemon.config.load import load_config
from daemon.runs.statistics.intervals import wilson_interval
from daemon.trainer.fleets import build_fleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES
from env.pilot.campaign import Flight, fly
from env.pilot.pilot import ReferencePilot

N_ENVS = 128
SEED = 2_000_003  # not used by training or evaluation
TIMED_CALLS = 300


def main() -> None:
    """Fly every stage, or the requested ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flights", type=int, default=1000, help="flights per stage, at least")
    parser.add_argument("--stages", type=int, nargs="*", help="counted from 1; default all")
    parser.add_argument("--vehicle", choices=VEHICLES, help="default: each")
    arguments = parser.parse_args()
    each = -(-arguments.flights // N_ENVS)
    for name in [arguments.vehicle] if arguments.vehicle else VEHICLES:
        _fly_vehicle(VEHICLES[name], each, arguments.stages)


def _fly_vehicle(vehicle: Vehicle, each: int, stages: Collection[int] | None) -> None:
    config = load_config(None, {"fleet": {"vehicle": vehicle.name}}).config
    for number, stage in enumerate(config.curriculum.stages, start=1):
        if stages and number not in stages:
            continue
        fleet = build_fleet(config, stage, N_ENVS)
        pilot = ReferencePilot(vehicle, N_ENVS, config.fleet.control_interval_s)
        _report_stage(f"{vehicle.name}, stage {number}", fly(fleet, pilot, each, SEED))
        if number == 1:
            _report_speed(pilot, fleet.reset())
        fleet.close()


def _report_stage(name: str, flights: list[Flight]) -> None:
    landed = [flight for flight in flights if flight.episode.success]
    report(f"{name}: flights", len(flights), "1")
    rate = wilson_interval(len(landed), len(flights))
    report(f"{name}: landed", 100.0 * rate.mean, "%")
    for label, bound in (("low", rate.low), ("high", rate.high)):
        report(f"{name}: landed, 95% interval, {label}", 100.0 * (bound or 0.0), "%")
    figures = {
        "miss": ([flight.episode.distance_m for flight in landed], "m"),
        "touchdown speed": ([flight.episode.touchdown_speed_m_s for flight in landed], "m/s"),
        "touchdown tilt": (
            [float(np.degrees(flight.episode.touchdown_tilt_rad)) for flight in landed],
            "deg",
        ),
        "propellant left": ([100.0 * flight.episode.fuel_fraction for flight in landed], "%"),
        "steps": ([float(flight.episode.steps) for flight in landed], "1"),
    }
    for what, (values, unit) in figures.items():
        report(f"{name}: {what}, mean", float(np.mean(values)), unit)
        for label, percent in (("median", 50), ("95%", 95), ("largest", 100)):
            report(f"{name}: {what}, {label}", float(np.percentile(values, percent)), unit)
    report(
        f"{name}: delta-v, median, reference the least possible",
        float(np.median([flight.delta_v_m_s for flight in landed])),
        "m/s",
        float(np.median([flight.bound_m_s for flight in landed])),
    )


def _report_speed(pilot: ReferencePilot, observations: np.ndarray) -> None:
    took_s = []
    for _ in range(TIMED_CALLS):
        began = time.perf_counter()
        pilot.act(observations)
        took_s.append(time.perf_counter() - began)
    report(f"pilot, one step of {N_ENVS} craft", 1e3 * float(np.median(took_s)), "ms")


if __name__ == "__main__":
    main()
