"""A training like the real one, but small: what the recovery drills run."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.base.text.counted import counted
from daemon.config import Config
from daemon.config.schema import Stage
from landerctl.drills.scratch.home import merged

N_ENVS = 16
HIDDEN = 16
N_STEPS = 64  # of each lander in a rollout of PPO
ANY_REWARD = -1e9
NEVER = 10**12  # environment steps
# Beside a training that uses all cores, the lowest priority leaves little time.
_PATIENT = {"startup_timeout_s": 1800.0, "heartbeat_timeout_s": 600.0, "stop_timeout_s": 600.0}
_OFF_POLICY = {"buffer_size": 20_000, "learning_starts": 500, "batch_size": 64, "gradient_steps": 1}


def small_training(
    config: Config, stages: list[Stage], *, window_episodes: int, interval_steps: int
) -> Config:
    """The configuration with few landers, a small network and these stages; no alert rules.

    Algorithm, vehicle, terrain, sensors and the rules of restarts stay.
    """
    return merged(
        config,
        {
            "run": {"mode": "curriculum", "stage": 1, "n_envs": N_ENVS, "timesteps": NEVER},
            "fleet": {"threads": 1},
            "network": {"hidden": [HIDDEN]},
            "ppo": {"n_steps": N_STEPS, "batch_size": 256, "n_epochs": 2, "anneal_timesteps": 0},
            "sac": _OFF_POLICY,
            "td3": _OFF_POLICY,
            "curriculum": {
                "stages": msgspec.to_builtins(stages),
                "window_episodes": window_episodes,
                "min_episodes": 1,
                "confirm_episodes": 4,
                "ramp_success_rate": 1.0,
                "rehearsal_share": 0.0,
                "attempt_timesteps": NEVER,
            },
            "checkpoints": {"interval_steps": interval_steps, "keep": 1000},
            "evaluation": {"interval_timesteps": NEVER, "episodes": 20},
            "supervision": _PATIENT,
            "resources": {"interval_s": 1.0},
            "alerts": [],
        },
    )


def scaled(config: Config) -> dict[str, Any]:
    """The figures of the small training, for a finding."""
    return {
        "algorithm": config.run.algorithm,
        "landers": config.run.n_envs,
        "hidden_units": config.network.hidden[0],
    }


def scaled_text(real: Config, small: Config) -> str:
    """What differs from the real training, for a finding."""
    return (
        f"{small.run.algorithm} with {counted(small.run.n_envs, 'lander')} (configured: "
        f"{real.run.n_envs}) and a network of {small.network.hidden[0]} units "
        f"({real.network.hidden})"
    )
