"""Deterministic episodes on fixed seeds, without exploration."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from daemon.runs.evaluations import SOFT_TOUCHDOWN_M_S, EvaluationResult, Provenance
from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.evaluation.track_recorder import TrackRecorder
from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot


def fly_episodes(
    model: BaseAlgorithm,
    normalizer: VecNormalize,
    fleet: LanderFleet,
    *,
    first_seed: int,
    episodes: int,
    between_steps: Callable[[int], bool] = lambda _: True,
) -> list[Episode]:
    """Fly the mean action on seeds `first_seed` and up, each exactly once, in the seeds' order.

    `between_steps` gets the number of ended episodes; if it returns False, flying stops and the
    ended ones are returned.
    """
    return fly_seeds(
        PolicyPilot(model, normalizer),
        fleet,
        first_seed=first_seed,
        episodes=episodes,
        between_steps=lambda ended: between_steps(len(ended)),
    )


def fly_seeds(
    pilot: Pilot,
    fleet: LanderFleet,
    *,
    first_seed: int,
    episodes: int,
    between_steps: Callable[[Collection[Episode]], bool] = lambda _: True,
    recorder: TrackRecorder | None = None,
) -> list[Episode]:
    """Fly seeds `first_seed` and up with any pilot, each exactly once; in the seeds' order.

    `between_steps` gets the ended episodes; if it returns False, flying stops and returns those.
    """
    waiting = iter(range(first_seed, first_seed + episodes))
    pending = list(range(min(fleet.num_envs, episodes)))
    fleet.set_next_seeds(pending, [next(waiting) for _ in pending])
    observations = fleet.reset()
    pilot.reset(np.arange(fleet.num_envs))
    if recorder is not None:
        recorder.begin()
    _queue(fleet, pending, waiting)
    ended: dict[int, Episode] = {}
    wanted = range(first_seed, first_seed + episodes)
    while len(ended) < episodes and between_steps(ended.values()):
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        crafts = np.flatnonzero(dones)
        over: list[Episode] = [infos[i]["lander"] for i in crafts]
        if recorder is not None:
            recorder.record(crafts, [episode.seed for episode in over])
        if over:
            pilot.reset(crafts)
            _queue(fleet, crafts.tolist(), waiting)
        for episode in over:
            if episode.seed in wanted:
                ended.setdefault(episode.seed, episode)
    return [ended[seed] for seed in sorted(ended)]


def _queue(fleet: LanderFleet, crafts: list[int], waiting: Iterator[int]) -> None:
    """Give each craft the seed of its next episode."""
    for craft in crafts:
        seed = next(waiting, None)
        if seed is not None:
            fleet.set_next_seeds([craft], [seed])


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
