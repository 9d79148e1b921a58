"""Flights whose every step the reference pilot labels with the command that it would give.

The learner flies more and more of them itself, so that the samples are of the states into which it
comes: a policy that has seen only the pilot's flights drifts off into states that it does not know
(Ross, Gordon and Bagnell, A Reduction of Imitation Learning and Structured Prediction to No-Regret
Online Learning, AISTATS 2011: DAgger). Half of the episodes are flown with noise, since PPO will
explore around the clone's actions (Laskey et al., DART: Noise Injection for Robust Imitation
Learning, CoRL 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daemon.config.schema import Config
from daemon.trainer.cloning.plan import CloningPlan
from daemon.trainer.curriculum.difficulty import conditions_at
from daemon.trainer.curriculum.training_plan import TrainingPlan
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions
from env.pilot.pilot import ReferencePilot

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Policy = Callable[[Floats], Floats]  # mean actions (N, A) for observations (N, D)


class Samples:
    """Observations and the pilot's commands for them, in arrays of a fixed capacity."""

    def __init__(self, capacity: int, n_observations: int, n_actions: int) -> None:
        self._observations = np.empty((capacity, n_observations), np.float32)
        self._commands = np.empty((capacity, n_actions), np.float32)
        self.count = 0

    def add(self, observations: Floats, commands: Floats) -> None:
        """Append rows (B, D) and (B, A)."""
        end = self.count + len(observations)
        self._observations[self.count : end] = observations
        self._commands[self.count : end] = commands
        self.count = end

    def draw(self, size: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
        """`size` samples, uniformly: (size, D) and (size, A)."""
        rows = generator.integers(0, self.count, size)
        return self._observations[rows], self._commands[rows]


@dataclass(frozen=True)
class Flown:
    """What the learner flew by itself: T steps of N landers."""

    observations: Floats  # (T, N, D)
    rewards: Floats  # (T, N)
    ended: Flags  # (T, N): the episode ended with this step


def joined(parts: Sequence[Flown]) -> Flown:
    """Flights one after the other, of the same landers."""
    return Flown(
        np.concatenate([part.observations for part in parts]),
        np.concatenate([part.rewards for part in parts]),
        np.concatenate([part.ended for part in parts]),
    )


class LabelledFlights:
    """A fleet of its own in all stages, flown by the pilot and the learner."""

    def __init__(self, config: Config, training: TrainingPlan, plan: CloningPlan) -> None:
        """Raises UnusableConfigError."""
        stages = training.stages if training.gated else training.stages[: training.first]
        self._plan = plan
        self._stages = [start_conditions(stage) for stage in stages]
        self._draws = np.random.default_rng((config.run.seed, len(stages)))
        self.fleet = build_fleet(config, stages[-1], plan.landers)
        self.fleet.seed(config.run.seed)
        n = plan.landers
        vehicle, interval_s = self.fleet.settings.vehicle, config.fleet.control_interval_s
        self._pilot = ReferencePilot(vehicle, n, interval_s)
        self._by_pilot = np.ones(n, bool)  # until their episodes end
        self._noise = np.zeros(n, np.float32)
        self._steps = 0
        self._plan_episodes(np.arange(n), pilot_share=1.0)
        self._observations = self.fleet.reset()
        self._pilot.reset(np.arange(n))
        self._draw_starts(np.arange(n))

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of an observation and of an action."""
        return self._observations.shape[1], self.fleet.settings.vehicle.n_actions

    def fly(self, policy: Policy, *, pilot_share: float, samples: Samples) -> Floats:
        """Fly a rollout and add its samples; returns all its observations (T N, D).

        `pilot_share`: of the episodes that begin meanwhile the pilot flies so many.
        """
        seen = []
        every = np.arange(self._plan.landers)
        for _ in range(self._plan.rollout_steps):
            labels = self._pilot.act(self._observations)
            actions = np.where(self._by_pilot[:, None], labels, policy(self._observations))
            noise = self._draws.standard_normal(actions.shape, np.float32)
            # What a lander does after its touchdown has no effect.
            kept = (every + self._steps) % self._plan.keep_every == 0
            kept &= ~self.fleet.settling
            samples.add(self._observations[kept], labels[kept])
            seen.append(self._observations)
            self._step(actions + self._noise[:, None] * noise, pilot_share)
        return np.concatenate(seen)

    def fly_alone(self, policy: Policy, *, noise_std: float) -> Flown:
        """A rollout of the learner alone, with the noise of an exploring policy."""
        self._by_pilot[:] = False
        observations, rewards, ended = [], [], []
        for _ in range(self._plan.rollout_steps):
            actions = policy(self._observations)
            noise = self._draws.standard_normal(actions.shape, np.float32)
            observations.append(self._observations)
            reward, done = self._step(actions + noise_std * noise, pilot_share=0.0)
            rewards.append(reward)
            ended.append(done)
        return Flown(np.stack(observations), np.stack(rewards), np.stack(ended))

    def close(self) -> None:
        """Free the fleet's memory."""
        self.fleet.close()

    def _step(self, actions: Floats, pilot_share: float) -> tuple[Floats, Flags]:
        self.fleet.step_async(actions)
        self._observations, rewards, ended, _ = self.fleet.step_wait()
        self._steps += 1
        crafts = np.flatnonzero(ended)
        self._pilot.reset(crafts)
        self._plan_episodes(crafts, pilot_share)
        self._draw_starts(crafts)
        return rewards, ended

    def _plan_episodes(self, crafts: npt.NDArray[np.intp], pilot_share: float) -> None:
        """Who flies the episodes that began, and how noisily."""
        draws, plan = self._draws, self._plan
        self._by_pilot[crafts] = draws.random(len(crafts)) < pilot_share
        noisy = draws.random(len(crafts)) < plan.noisy_share
        self._noise[crafts] = noisy * draws.uniform(0.0, plan.largest_noise, len(crafts))

    def _draw_starts(self, crafts: npt.NDArray[np.intp]) -> None:
        """Where these craft start after the episode that they have begun."""
        last = len(self._stages)
        for craft in crafts:
            in_last = self._draws.random() < self._plan.last_stage_share
            difficulty = float(last if in_last else self._draws.uniform(1.0, last))
            conditions = conditions_at(self._stages, difficulty)
            self.fleet.set_start(conditions, slice(int(craft), int(craft) + 1))
