"""Clones the reference pilot into a new PPO model: its policy, its statistics and its values.

Behaviour cloning as in Pomerleau, ALVINN, NeurIPS 1988, with the learner's own states labelled
(`labelled_flights`). Everything is drawn from the run's seed: a cloning that was interrupted and
begins again gives the same clone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecNormalize

from daemon.config.schema import Config
from daemon.trainer.algorithms.normalizer import scale_rewards
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.cloning.labelled_flights import Flown, LabelledFlights, Samples, joined
from daemon.trainer.cloning.plan import CloningPlan
from daemon.trainer.cloning.regression import PolicyFit, fit_value
from daemon.trainer.cloning.returns import discounted
from daemon.trainer.curriculum.training_plan import TrainingPlan

# The statistics of observations change in the first rollouts only: later ones fit the policy to
# states that it knows.
STATISTICS_ROLLOUTS = 24


@dataclass(frozen=True)
class Cloned:
    """The figures of a cloning."""

    environment_steps: int  # flown by pilot and learner, summed over all landers
    samples: int
    loss: float  # Huber, of the last rollout's fit
    explained_variance: float  # of the value function
    seconds: float


class Cloning:
    """One cloning into `model` and `normalizer`, which are new; nothing else is changed."""

    def __init__(
        self,
        model: FleetPPO,
        normalizer: VecNormalize,
        *,
        config: Config,
        training: TrainingPlan,
        plan: CloningPlan,
    ) -> None:
        """Build its fleet. Raises UnusableConfigError."""
        self._model, self._normalizer, self._plan = model, normalizer, plan
        self._timesteps = config.run.timesteps
        self._flights = LabelledFlights(config, training, plan)
        self._samples = Samples(plan.capacity, *self._flights.shape)
        self._generator = np.random.default_rng(config.run.seed)
        self._fit = PolicyFit(model, normalizer, plan, self._generator)

    def run(self, go_on: Callable[[int, int], bool]) -> Cloned | None:
        """Clone; `go_on` gets after every rollout how many of how many are flown.

        If it returns False the cloning ends, and returns None. Free the fleet with `close`.
        """
        began_s = time.monotonic()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # one row per lander is too little for more
        try:
            return self._run(go_on, began_s)
        finally:
            torch.set_num_threads(threads)

    def close(self) -> None:
        """Free its fleet's memory."""
        self._flights.close()

    def _run(self, go_on: Callable[[int, int], bool], began_s: float) -> Cloned | None:
        plan, flown = self._plan, list[Flown]()
        total = plan.rollouts + plan.value_rollouts
        loss = math.nan
        for rollout in range(total):
            if rollout < plan.rollouts:
                loss = self._imitate(rollout)
            else:
                noise_std = math.exp(plan.log_std)
                flown.append(self._flights.fly_alone(self._fit.act, noise_std=noise_std))
            if not go_on(rollout + 1, total):
                return None
        explained = self._fit_value(joined(flown))
        self._settle()
        return Cloned(
            environment_steps=plan.environment_steps,
            samples=self._samples.count,
            loss=loss,
            explained_variance=explained,
            seconds=time.monotonic() - began_s,
        )

    def _imitate(self, rollout: int) -> float:
        """Fly a rollout and fit the mean action to all samples so far; returns the loss."""
        share = self._plan.pilot_share**rollout
        seen = self._flights.fly(self._fit.act, pilot_share=share, samples=self._samples)
        if rollout < STATISTICS_ROLLOUTS and self._normalizer.norm_obs:
            assert isinstance(self._normalizer.obs_rms, RunningMeanStd)
            self._normalizer.obs_rms.update(seen)
        return self._fit.improve(self._samples)

    def _fit_value(self, flown: Flown) -> float:
        """Let the value function learn what the exploring clone is worth: PPO's advantages."""
        normalizer = self._normalizer
        rewards = scale_rewards(
            normalizer,
            flown.rewards.astype(np.float64),
            flown.ended,
            running=np.zeros(flown.rewards.shape[1]),
        )
        returns, known = discounted(rewards, flown.ended, normalizer.gamma)
        if not known.any():  # of a horizon beyond what was flown
            known[:] = True
        return fit_value(
            self._model,
            normalizer,
            flown.observations[known],
            returns[known],
            plan=self._plan,
            generator=self._generator,
        )

    def _settle(self) -> None:
        """Let PPO begin with small steps around the clone, which larger ones would destroy."""
        with torch.no_grad():
            self._model.policy.log_std.fill_(self._plan.log_std)
        self._model.current_learning_rate = self._plan.ppo_learning_rate
        if self._normalizer.norm_obs:
            moments = self._normalizer.obs_rms
            assert isinstance(moments, RunningMeanStd)
            # Landers that all begin at 20 km would shift the statistics, and so change the policy:
            # the present ones weigh as much as those of the whole training.
            moments.count = max(moments.count, float(self._timesteps))
