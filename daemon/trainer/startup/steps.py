"""What the start of each command consists of."""

from __future__ import annotations

from daemon.base.text.counted import counted
from daemon.config.schema import Config
from daemon.protocol.trainer import PhaseName

Steps = tuple[tuple[PhaseName, str], ...]
IMPORT: tuple[PhaseName, str] = ("importing", "import torch, stable-baselines3, Basilisk")
COMPILE: tuple[PhaseName, str] = ("compiling", "compile the flight code")
BUILD: tuple[PhaseName, str] = ("building", "build the landers")
FLY: tuple[PhaseName, str] = ("collecting", "fly the first rollout")
WARM_START: Steps = (
    ("cloning", "clone the reference pilot"),
    ("evaluating", "evaluate the clone at the gates"),
)


def training_steps() -> Steps:
    """Those of a training, before its configuration is read."""
    return IMPORT, COMPILE, BUILD, FLY


def steps_after_compiling(config: Config, checkpoint: str | None) -> Steps:
    """Those of a training that remain; `checkpoint`: id of the one that it resumes from."""
    run, threads = config.run, config.fleet.threads
    build = f"build {counted(run.n_envs, 'lander')} on {counted(threads, 'thread')}"
    restore: Steps = (("restoring", f"restore checkpoint {checkpoint}"),) if checkpoint else ()
    warm = WARM_START if run.warm_start == "reference" and checkpoint is None else ()
    return ("building", build), *restore, *warm, FLY


def flying_steps() -> Steps:
    """Those of a command that flies without training."""
    return *evaluating_steps(), BUILD


def evaluating_steps() -> Steps:
    """Those of an evaluation, whose processes build the landers."""
    return IMPORT, COMPILE
