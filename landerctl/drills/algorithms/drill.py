"""The drill `algorithms`: each of them trains in stage 1, one after the other."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.checkpoint.catalog import newest_whole
from daemon.config import Config
from daemon.config.schema import Algorithm
from daemon.protocol.finding import Finding
from daemon.runs.evaluations import EvaluationResult
from daemon.store.reader import StoreReader
from landerctl.drills.algorithms.compare import compare, completes
from landerctl.drills.algorithms.learning import SERIES, Learning, learn
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.scratch.home import START_S, ScratchHome
from landerctl.drills.scratch.leash import run_leashed

SLOWEST_STEPS_PER_S = 50.0  # a slower training is given up
# Of the drill's time: SAC and TD3 learn from each step many times.
SHARES: dict[Algorithm, float] = {"ppo": 0.1, "sac": 0.45, "td3": 0.45}
FAULTS = ("trainer.crashed", "training.not_finite")


def conduct(context: DrillContext) -> Iterator[Finding]:
    """A finding for each of KEYS. Raises DrillError and OSError."""
    learnt: dict[str, Learning] = {}
    for algorithm in SHARES:
        learnt[algorithm] = _train(context, algorithm)
        yield completes(learnt[algorithm])
    yield from compare(learnt["ppo"], learnt["sac"], learnt["td3"])


def settings(config: Config, algorithm: Algorithm) -> dict[str, Any]:
    """What differs from the configuration: a short training of one stage, which nobody watches.

    All have the configured fleet. PPO's updates become smaller in the same share of the training as
    in the configured run.
    """
    steps = config.checklist.algorithm_steps
    annealing = round(config.ppo.anneal_timesteps * steps / config.run.timesteps)
    return {
        "run": {"mode": "standard", "stage": 1, "algorithm": algorithm, "timesteps": steps},
        "ppo": {"anneal_timesteps": annealing},
        # A replay buffer in each checkpoint.
        "checkpoints": {"interval_steps": max(steps // 2, 1), "keep": 1},
        "backup": {"automatic": []},
        "alerts": [],
    }


def _train(context: DrillContext, algorithm: Algorithm) -> Learning:
    folder = context.scratch / algorithm
    home = ScratchHome(folder, context.config, **settings(context.config, algorithm))
    steps = home.config.run.timesteps
    with home.daemon():
        done = partial(_is_done, context, home, algorithm)
        home.wait(done, f"the end of {algorithm}'s training", START_S + steps / SLOWEST_STEPS_PER_S)
        final = newest_whole(home.run.checkpoints, "final")
    with StoreReader.open(home.paths.store) as store:
        curves = {name: store.samples_of_run(name, home.run.id) for name in SERIES}
        trained = store.newest_of_run("time/trained_s", home.run.id)
        status = store.status()
    evaluated = None if final is None else _evaluate(home)
    completed = status.trainer is not None and status.trainer.state == "EXITED"
    found = learn(
        algorithm,
        curves,
        trained_s=trained.value if trained else 0.0,
        completed=completed and final is not None,
        faults=[event.text for event in home.events(*FAULTS)],
        final=evaluated.success_rate if evaluated else None,
        final_reward=evaluated.reward.mean if evaluated else None,
    )
    shutil.rmtree(folder)
    return found


def _is_done(context: DrillContext, home: ScratchHome, algorithm: Algorithm) -> bool:
    """Whether the training has ended; reports how far it is."""
    names = list(SHARES)
    before = sum(SHARES[name] for name in names[: names.index(algorithm)])
    status = home.status()
    if status is None or status.trainer is None:
        return False
    progress = status.progress
    flown, total = (progress.timesteps, progress.total_timesteps) if progress else (0, 1)
    success = progress.success_rate if progress else None
    rate = "" if success is None else f", success {success:.0%}"
    text = f"{algorithm.upper()}: {flown:,} of {home.config.run.timesteps:,} steps{rate}"
    context.report(text, before + SHARES[algorithm] * flown / total)
    return status.trainer.state in ("EXITED", "FATAL")


def _evaluate(home: ScratchHome) -> EvaluationResult:
    """Episodes of the final model's mean action, on evaluation seeds."""
    episodes = home.config.checklist.evaluation_episodes
    command = [
        sys.executable,
        "-P",
        "-m",
        "daemon.trainer",
        "evaluate",
        "--run",
        str(home.run.folder),
    ]
    command += ["--episodes", str(episodes), "--json"]
    ended = run_leashed(command, home.log, timeout_s=START_S)
    if ended.code != 0:
        raise DrillError(f"the final model cannot be evaluated: {ended.reason}")
    try:
        return msgspec.json.decode(ended.output, type=EvaluationResult)
    except MALFORMED as error:
        raise DrillError(f"the evaluation's result is not readable: {error}") from None


DRILL = DrillKind(
    name="algorithms",
    purpose="trains PPO, SAC and TD3 in stage 1 from scratch and compares them",
    keys=(
        *SHARES,
        "positive-rewards",
        "no-algorithm-crashes",
        "ppo-stable",
        "sac-efficient",
        "td3-competitive",
        "successful-landings",
    ),
    expected_s=900.0,
    conduct=conduct,
)
