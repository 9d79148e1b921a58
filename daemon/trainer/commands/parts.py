"""What a training needs, part by part: `selftest` and the drill `environment` measure the same.

Each part returns one line about what it did; it raises one of FAULTS where something does not work.
"""

from __future__ import annotations

import sys
import time
import warnings

import gymnasium
import msgspec
import numpy as np
from gymnasium.utils.env_checker import check_env as check_gymnasium
from stable_baselines3.common.env_checker import check_env as check_sb3

from daemon.base.paths import RunPaths
from daemon.base.secrets.redacted_log import trace_text
from daemon.base.text.counted import counted
from daemon.config import Config
from daemon.trainer.channel import Channel
from daemon.trainer.fleets import build_fleet, fleet_settings
from daemon.trainer.health.errors import UnusableError
from daemon.trainer.loop.train_run import train_run
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import training_steps
from env.fleet import Episode, FleetSettings
from env.lander import LunarLander
from env.task.flyable import UnflyableError

TRAINING_STEPS = 5_000
FLEET_STEPS = 100
_REFUSALS = (UnusableError, UnflyableError)  # explained to the user: without a traceback
FAULTS = (
    *_REFUSALS,
    AssertionError,
    ImportError,
    OSError,
    RuntimeError,
    ValueError,
    Warning,
)


def fault_text(error: Exception) -> str:
    """One line about one of FAULTS; the traceback of an unexpected one goes to stderr."""
    if isinstance(error, _REFUSALS):
        return str(error)
    print(trace_text(error), file=sys.stderr)
    return f"{type(error).__name__}: {error}"


def lander_settings(config: Config) -> FleetSettings:
    """One lander in the first stage."""
    return fleet_settings(config, config.curriculum.stages[0], 1)


def fly_two_episodes(config: Config) -> str:
    """One lander flies an episode, starts again and flies another."""
    lander = LunarLander(lander_settings(config))
    action = np.zeros(lander.action_space.shape or (), np.float32)
    ends: list[Episode] = []
    for seed in (1, 2):
        lander.reset(seed=seed)
        over = False
        info: dict[str, Episode] = {}
        while not over:
            _, _, over, _, info = lander.step(action)
        ends.append(info["lander"])
    lander.close()
    if min(end.steps for end in ends) < 10:
        raise AssertionError(f"an episode of {min(end.steps for end in ends)} steps did not fly")
    return f"two episodes, {ends[0].steps} and {ends[1].steps} steps"


def check_gymnasium_api(config: Config) -> str:
    """Gymnasium's own checker, with warnings as errors."""
    made = gymnasium.make("landerctl/LunarLander-v0", settings=lander_settings(config))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gymnasium(made.unwrapped)
    return "check_env passes without a warning"


def check_sb3_api(config: Config) -> str:
    """The checker of stable-baselines3, with warnings as errors."""
    lander = LunarLander(lander_settings(config))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_sb3(lander)
    lander.close()
    return "check_env passes without a warning"


def fly_fleet(config: Config) -> str:
    """The configured fleet flies FLEET_STEPS in the last stage."""
    fleet = build_fleet(config, config.curriculum.stages[-1], config.run.n_envs)
    fleet.reset()
    actions = np.zeros((fleet.num_envs, *(fleet.action_space.shape or ())), np.float32)
    began = time.perf_counter()
    for _ in range(FLEET_STEPS):
        fleet.step_async(actions)
        fleet.step_wait()
    speed = FLEET_STEPS * config.run.n_envs / (time.perf_counter() - began)
    fleet.close()
    return f"{counted(config.run.n_envs, 'lander')}, {speed:,.0f} steps/s"


def train_shortly(config: Config, run: RunPaths) -> str:
    """Train TRAINING_STEPS in the first stage; the checkpoints are in `run`, a new folder."""
    config = short_training(config)
    run.folder.mkdir(mode=0o700)
    channel = Channel({})
    with StartupProgress("selftest training", training_steps(), channel.send) as startup:
        how = train_run(run, config, channel, startup, fresh=True)
    checkpoints = sorted(path.name for path in run.checkpoints.iterdir())
    return f"{how.name.lower()}, final checkpoint {checkpoints[-1]}"


def short_training(config: Config) -> Config:
    """What `train_shortly` trains: a few landers, and a checkpoint halfway."""
    run = msgspec.structs.replace(
        config.run,
        mode="standard",
        stage=1,
        timesteps=TRAINING_STEPS,
        n_envs=min(config.run.n_envs, 8),
    )
    checkpoints = msgspec.structs.replace(config.checkpoints, interval_steps=TRAINING_STEPS // 2)
    return msgspec.structs.replace(config, run=run, checkpoints=checkpoints)
