"""The trainings of docs/results.md."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.results.dispersed import load_dispersion
from benchmarks.results.flights import load_flights
from benchmarks.results.record import load
from daemon.checkpoint.environment_version import ENVIRONMENT_VERSION
from daemon.config.schema import Algorithm
from env.physics.vehicles import VEHICLES

SEEDS = (1, 2, 3, 4, 5)
HLS = "starship-hls"


@dataclass(frozen=True)
class Planned:
    """A training from scratch with the vehicle's default settings."""

    name: str
    algorithm: Algorithm
    vehicle: str
    seed: int
    until_stage: int | None = None  # stop at this gate; None: train to the end
    kills: int = 0  # SIGKILLs at random moments


PLAN = (
    *(
        Planned(f"ppo-{'' if vehicle == HLS else f'{vehicle}-'}seed{seed}", "ppo", vehicle, seed)
        for vehicle in VEHICLES
        for seed in SEEDS
    ),
    Planned("sac-seed1", "sac", HLS, 1, until_stage=4),
    Planned("td3-seed1", "td3", HLS, 1, until_stage=2),
    Planned("td3-seed2", "td3", HLS, 2, until_stage=2),
    Planned("ppo-killed-seed1", "ppo", HLS, 1, kills=20),
)


def fault(planned: Planned) -> str | None:
    """What a planned training's records lack; None if they are whole, of today's environment."""
    result = load(planned.name)
    if result is None:
        return "not trained"
    if result.environment != ENVIRONMENT_VERSION:
        return f"trained in version {result.environment} of the environment"
    if not result.complete:
        return "not trained to its end"
    if result.final is None or load_flights(planned.name) is None:
        return "its best model has not flown"
    if planned.until_stage is None and not planned.kills and load_dispersion(planned.name) is None:
        return "its best model has not flown under dispersions"
    return None
