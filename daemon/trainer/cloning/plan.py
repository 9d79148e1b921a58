"""How long the cloning flies and learns, and how noisily; measured in docs/warm-start.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CloningPlan:
    """The figures of one cloning."""

    landers: int = 128  # of its own fleet, whatever run.n_envs is: the clone is equally good
    rollouts: int = 96
    rollout_steps: int = 128  # steps of each lander between two fits
    keep_every: int = 4  # of each lander's steps one in so many is a sample: neighbours are alike
    batches: int = 48  # gradient steps after a rollout
    batch_size: int = 1024
    learning_rate: float = 1e-3  # falls to LAST_SHARE of it by a cosine
    pilot_share: float = 0.9  # the pilot flies this share of the landers, to the power of rollouts
    noisy_share: float = 0.5  # of the episodes are flown with noise on the actions ...
    largest_noise: float = 0.45  # ... of a standard deviation up to this, in action units
    last_stage_share: float = 0.5  # of the episodes start in the last stage, the others in any
    value_rollouts: int = 12  # of the learner alone, whose returns the value function learns
    value_batches: int = 600
    log_std: float = -1.2  # of the exploring policy that PPO begins with
    ppo_learning_rate: float = 1.5e-4  # ... and of its first update

    @property
    def environment_steps(self) -> int:
        """Steps flown, summed over all landers."""
        return self.landers * self.rollout_steps * (self.rollouts + self.value_rollouts)

    @property
    def capacity(self) -> int:
        """The number of samples that all rollouts give at most."""
        return self.landers * self.rollouts * self.rollout_steps // self.keep_every


LAST_SHARE = 0.02  # of the learning rate, at the end of the cloning
REFERENCE = CloningPlan()
