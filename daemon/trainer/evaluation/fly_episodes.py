"""Deterministic episodes on fixed seeds, without exploration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from daemon.runs.evaluations import SOFT_TOUCHDOWN_M_S, EvaluationResult, Provenance
from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval
from daemon.trainer.evaluation.flight import Flight, Flown
from daemon.trainer.evaluation.fly import fly
from daemon.trainer.evaluation.shrinking import ShrinkingFleet
from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot


def fly_seeds(
    pilot: Pilot, fleet: LanderFleet, *, first_seed: int, episodes: int, record: bool = False
) -> list[Flown]:
    """Fly seeds `first_seed` and up with any pilot, each exactly once; in the seeds' order."""
    fleets = ShrinkingFleet(fleet)
    flights = seeded_flights(first_seed, episodes)
    flown: list[Flown] = []
    for ended in fly(pilot, fleets, fleet.settings.start, flights, record=record):
        flown += ended
    fleets.close_smaller()
    return sorted(flown)


def seeded_flights(first_seed: int, episodes: int) -> list[Flight]:
    """Flights of seeds `first_seed` and up, without deviations."""
    return [Flight(first_seed + k) for k in range(episodes)]


def summarize(
    episodes: Sequence[Episode],
    *,
    run_id: str | None,
    pilot: str,
    created_s: float,
    vehicle: str,
    stage: int,
    stage_name: str,
    first_seed: int,
    provenance: Provenance | None = None,
) -> EvaluationResult:
    """Rates and means with their confidence intervals. Raises ValueError for no episodes."""
    if not episodes:
        raise ValueError("no episode to summarize")
    landed = [episode for episode in episodes if episode.success]
    outcomes: dict[str, int] = {}
    for episode in episodes:
        name = episode.outcome.name.lower()
        outcomes[name] = outcomes.get(name, 0) + 1
    soft = sum(episode.touchdown_speed_m_s < SOFT_TOUCHDOWN_M_S for episode in landed)

    def of_landings(values: list[float]) -> Interval | None:
        return mean_interval(values) if values else None

    return EvaluationResult(
        run_id=run_id,
        pilot=pilot,
        created_s=created_s,
        vehicle=vehicle,
        stage=stage,
        stage_name=stage_name,
        episodes=len(episodes),
        first_seed=first_seed,
        outcomes=outcomes,
        success_rate=wilson_interval(len(landed), len(episodes)),
        reward=mean_interval([episode.reward for episode in episodes]),
        episode_steps=mean_interval([float(episode.steps) for episode in episodes]),
        roughness=mean_interval([episode.roughness for episode in episodes]),
        soft_landings=wilson_interval(soft, len(landed)) if landed else None,
        distance_m=of_landings([episode.distance_m for episode in landed]),
        touchdown_speed_m_s=of_landings([episode.touchdown_speed_m_s for episode in landed]),
        touchdown_tilt_deg=of_landings(
            [math.degrees(episode.touchdown_tilt_rad) for episode in landed]
        ),
        fuel_left=of_landings([episode.fuel_fraction for episode in landed]),
        provenance=provenance,
    )
