"""Trainings in which alerts have their causes: real ones, of settings. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.config import Config
from daemon.config.schema import Stage
from landerctl.drills.recovery.small_training import (
    ANY_REWARD,
    N_ENVS,
    N_STEPS,
    NEVER,
    small_training,
)
from landerctl.drills.scratch.home import merged

WINDOW_EPISODES = 20
# The level of the mean reward is known after five blocks of 200 episodes and an iteration each
# (daemon.trainer.health.divergence).
LEVEL_EPISODES = 1300
ATTEMPT_ROLLOUTS = 4  # within which the first gate opens
DROP_STEPS = 1000  # instead of divergence.reward_drop_steps
_HARMLESS_GATE: dict[str, Any] = {
    "gate_success_rate": 0.7,
    "gate_mean_reward": ANY_REWARD,
    "ramp_steps": 1,
}
# From two metres a lander lands that does nothing, as an untrained policy does: without landing
# thrusters it falls, and touches down below 3 m/s. With random actions few land.
_VEHICLE = "apollo-lm"
_CALM: dict[str, Any] = {
    "altitude_m": (1.8, 2.0),
    "downrange_m": (0.0, 0.0),
    "descent_rate_m_s": (0.0, 0.0),
    "horizontal_speed_m_s": (0.0, 0.0),
    "tilt_deg": (0.0, 0.0),
    "delta_v_m_s": (100.0, 100.0),
    "ground_slope_deg": (0.0, 0.0),
    "relief": 0.0,
    "time_limit_s": 20.0,
}
_CALM_LOG_STD = -3.0
# An entropy bonus that outweighs all rewards: soon every action is random.
_ENTROPY: dict[str, Any] = {"ent_coef": 1e3, "desired_kl": 1e9, "n_epochs": 40}
_OVERFLOW = 1e300  # as the loss's factor: larger than any 32-bit number


def landing(config: Config) -> Config:
    """A stage in which every lander lands: its gate is passed, its reward keeps a high level."""
    small = _small(config, [_stage(config, mastery_success_rate=None)])
    return merged(small, {"divergence": {"reward_drop_steps": DROP_STEPS}})


def forgetting(config: Config) -> Config:
    """The same training, which forgets how to land: success rate and reward fall."""
    return merged(landing(config), {"ppo": _ENTROPY})


def overflowing(config: Config) -> Config:
    """The same training with a loss that is infinite."""
    return merged(landing(config), {"ppo": {"vf_coef": _OVERFLOW}})


def regressing(config: Config) -> Config:
    """Two stages: the gate of the first always opens, that of the second never does."""
    first = _stage(config, mastery_success_rate=0.0)
    second = msgspec.structs.replace(first, name="second", gate_mean_reward=-ANY_REWARD)
    attempts = {"attempt_timesteps": ATTEMPT_ROLLOUTS * N_ENVS * N_STEPS, "attempts": 1}
    return merged(_small(config, [first, second]), {"curriculum": attempts})


def _stage(config: Config, **changes: Any) -> Stage:
    first = config.curriculum.stages[0]
    return msgspec.structs.replace(
        first, mastery_timesteps=NEVER, **_HARMLESS_GATE, **_CALM, **changes
    )


def _small(config: Config, stages: list[Stage]) -> Config:
    small = small_training(config, stages, window_episodes=WINDOW_EPISODES, interval_steps=2048)
    changes = {"run": {"algorithm": "ppo"}, "fleet": {"vehicle": _VEHICLE}}
    return merged(small, {**changes, "network": {"log_std_init": _CALM_LOG_STD}})
