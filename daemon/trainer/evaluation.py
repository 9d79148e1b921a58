"""Deterministic episodes on fixed seeds: what a policy can do without exploring."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from env.fleet import Episode, LanderFleet

Z_95 = 1.959964  # two-sided 95% quantile of the normal distribution


class Interval(msgspec.Struct, frozen=True):
    """An estimate and its 95% confidence interval."""

    mean: float
    low: float
    high: float


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `landerctl evaluate --json` prints. Speeds, tilts and distances are of landings."""

    checkpoint: str
    stage: int
    episodes: int
    first_seed: int
    success_rate: Interval
    reward: Interval
    episode_steps: Interval
    distance_m: Interval | None
    touchdown_speed_m_s: Interval | None
    touchdown_tilt_deg: Interval | None
    fuel_left: Interval | None
    outcomes: dict[str, int]


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

    `between_steps` is told how many episodes have ended; False breaks off, with what has ended.
    """
    waiting = iter(range(first_seed, first_seed + episodes))
    pending = list(range(min(fleet.num_envs, episodes)))
    fleet.set_next_seeds(pending, [next(waiting) for _ in pending])
    observations = fleet.reset()
    _queue(fleet, pending, waiting)
    ended: dict[int, Episode] = {}
    wanted = range(first_seed, first_seed + episodes)
    while len(ended) < episodes and between_steps(len(ended)):
        actions, _ = model.predict(
            normalizer.normalize_obs(observations),
            deterministic=True,
        )
        fleet.step_async(actions)
        observations, _, dones, infos = fleet.step_wait()
        for i in np.flatnonzero(dones):
            episode: Episode = infos[i]["lander"]
            if episode.seed in wanted:
                ended.setdefault(episode.seed, episode)
            _queue(fleet, [int(i)], waiting)
    return [ended[seed] for seed in sorted(ended)]


def _queue(fleet: LanderFleet, crafts: list[int], waiting: Iterator[int]) -> None:
    """Give each craft the seed of the episode that follows the one it has just begun."""
    for craft in crafts:
        seed = next(waiting, None)
        if seed is not None:
            fleet.set_next_seeds([craft], [seed])


def summarize(
    episodes: list[Episode], *, checkpoint: str, stage: int, first_seed: int
) -> EvaluationResult:
    """Rates and means with their confidence intervals. Raises ValueError for no episodes."""
    if not episodes:
        raise ValueError("no episode to summarize")
    landed = [episode for episode in episodes if episode.success]
    outcomes: dict[str, int] = {}
    for episode in episodes:
        name = episode.outcome.name.lower()
        outcomes[name] = outcomes.get(name, 0) + 1
    return EvaluationResult(
        checkpoint=checkpoint,
        stage=stage,
        episodes=len(episodes),
        first_seed=first_seed,
        success_rate=wilson(len(landed), len(episodes)),
        reward=_mean([episode.reward for episode in episodes]),
        episode_steps=_mean([float(episode.steps) for episode in episodes]),
        distance_m=_mean_of([episode.distance_m for episode in landed]),
        touchdown_speed_m_s=_mean_of([episode.touchdown_speed_m_s for episode in landed]),
        touchdown_tilt_deg=_mean_of(
            [math.degrees(episode.touchdown_tilt_rad) for episode in landed]
        ),
        fuel_left=_mean_of([episode.fuel_fraction for episode in landed]),
        outcomes=outcomes,
    )


def wilson(successes: int, trials: int) -> Interval:
    """A rate with its Wilson score interval at 95%. Wilson, JASA 22 (1927) 209."""
    rate = successes / trials
    square = Z_95**2 / trials
    centre = (rate + square / 2) / (1 + square)
    half = Z_95 / (1 + square) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    return Interval(rate, max(centre - half, 0.0), min(centre + half, 1.0))


def _mean(values: list[float]) -> Interval:
    mean = float(np.mean(values))
    half = Z_95 * float(np.std(values)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def _mean_of(values: list[float]) -> Interval | None:
    return _mean(values) if values else None
