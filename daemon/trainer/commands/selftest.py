"""`selftest`: does everything that a training needs work on this machine?

The production checklist's first test, with the configured vehicle: the environment is created, both
API checkers pass, the simulation flies and starts again, and a model trains for 5,000 steps and
survives saving.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import gymnasium
import msgspec
import numpy as np
from gymnasium.utils.env_checker import check_env as check_gymnasium
from stable_baselines3.common.env_checker import check_env as check_sb3

from daemon.base.paths import RunPaths, state_paths
from daemon.base.secrets.redacted_log import trace_text
from daemon.base.text.counted import counted
from daemon.config import Config, ConfigError, load_config
from daemon.config.load import find_config
from daemon.trainer.channel import Channel
from daemon.trainer.fleets import build_fleet, fleet_settings
from daemon.trainer.health.errors import UnusableError
from daemon.trainer.loop.train_run import train_run
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import training_steps
from env.compilation.build import compile_environment
from env.fleet import Episode, FleetSettings
from env.lander import LunarLander
from env.task.flyable import UnflyableError

TRAINING_STEPS = 5_000


class Step(msgspec.Struct, frozen=True):
    """One part of the self-test and how it went."""

    name: str
    ok: bool
    duration_s: float
    text: str


def selftest(startup: StartupProgress, *, as_json: bool, output: TextIO) -> int:
    """Run every step, print each as it ends; the exit code is 0 if all passed, 1 otherwise.

    `startup` is followed until everything is compiled.
    A configuration that cannot be read is 1 after one line of explanation on stderr.
    """
    try:
        home = state_paths(None, os.environ).home
        config = load_config(find_config(None, home, os.environ)).config
    except ConfigError as error:
        startup.abandon()
        print(f"landerctl selftest: {error}", file=sys.stderr)
        return 1
    parts: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("compilation", lambda config: _compile(config, startup)),
        ("environment", _fly_two_episodes),
        ("gymnasium API", _check_gymnasium),
        ("stable-baselines3 API", _check_sb3),
        ("fleet", _fly_fleet),
        ("training", _train),
    )
    steps = []
    for name, part in parts:
        steps.append(_run(name, part, config))
        if not as_json:
            step = steps[-1]
            word = "ok    " if step.ok else "FAILED"
            output.write(f"{word} {step.name:<22} {step.duration_s:5.1f} s  {step.text}\n")
            output.flush()
    if as_json:
        output.write(msgspec.json.encode(steps).decode() + "\n")
        output.flush()
    return 0 if all(step.ok for step in steps) else 1


def _run(name: str, part: Callable[[Config], str], config: Config) -> Step:
    began = time.monotonic()
    try:
        text, ok = part(config), True
    except (UnusableError, UnflyableError) as error:
        text, ok = str(error), False
    except (AssertionError, ImportError, OSError, RuntimeError, ValueError, Warning) as error:
        print(trace_text(error), file=sys.stderr)
        text, ok = f"{type(error).__name__}: {error}", False
    return Step(name, ok, time.monotonic() - began, text)


def _compile(config: Config, startup: StartupProgress) -> str:
    functions = 0

    def report(done: int, total: int) -> None:
        nonlocal functions
        functions = total
        startup.compiled(done, total)

    with startup:
        _settings(config)  # before minutes of compiling, what cannot be flown at all
        startup.next()
        compile_environment(report)
        startup.end()
    return f"{functions} functions are compiled"


def _settings(config: Config) -> FleetSettings:
    return fleet_settings(config, config.curriculum.stages[0], 1)


def _fly_two_episodes(config: Config) -> str:
    lander = LunarLander(_settings(config))
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


def _check_gymnasium(config: Config) -> str:
    lander = gymnasium.make("landerctl/LunarLander-v0", settings=_settings(config)).unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gymnasium(lander)
    return "check_env passes without a warning"


def _check_sb3(config: Config) -> str:
    lander = LunarLander(_settings(config))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_sb3(lander)
    lander.close()
    return "check_env passes without a warning"


def _fly_fleet(config: Config) -> str:
    fleet = build_fleet(config, config.curriculum.stages[-1], config.run.n_envs)
    fleet.reset()
    actions = np.zeros((fleet.num_envs, *(fleet.action_space.shape or ())), np.float32)
    began = time.perf_counter()
    steps = 100
    for _ in range(steps):
        fleet.step_async(actions)
        fleet.step_wait()
    speed = steps * config.run.n_envs / (time.perf_counter() - began)
    fleet.close()
    return f"{counted(config.run.n_envs, 'lander')}, {speed:,.0f} steps/s"


def _train(config: Config) -> str:
    run = msgspec.structs.replace(config.run, mode="standard", stage=1, timesteps=TRAINING_STEPS)
    run = msgspec.structs.replace(run, n_envs=min(config.run.n_envs, 8))
    config = msgspec.structs.replace(config, run=run)
    with tempfile.TemporaryDirectory(prefix="landerctl-selftest-") as folder:
        paths = RunPaths(Path(folder) / "run")
        paths.folder.mkdir(mode=0o700)
        channel = Channel({})
        with StartupProgress("selftest training", training_steps(), channel.send) as startup:
            how = train_run(paths, config, channel, startup, fresh=True)
        checkpoints = sorted(path.name for path in paths.checkpoints.iterdir())
    return f"{how.name.lower()}, final checkpoint {checkpoints[-1]}"
