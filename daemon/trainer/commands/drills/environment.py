"""The drill `environment`: the quick test of the checklist, its features and edge cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import find_newest
from daemon.config import Config
from daemon.protocol.finding import Finding
from daemon.trainer.commands.drills.checkpoints import refuse_states, refuse_statistics
from daemon.trainer.commands.drills.flights import (
    create,
    fly_alone,
    fly_parallel,
    hover,
    repeat_resets,
)
from daemon.trainer.commands.drills.imports import import_without_basilisk
from daemon.trainer.commands.drills.memory import memory_over_closes, memory_over_resets
from daemon.trainer.commands.drills.work import Part, Work, measure_parts
from daemon.trainer.commands.parts import (
    TRAINING_STEPS,
    check_gymnasium_api,
    check_sb3_api,
    fly_fleet,
    fly_two_episodes,
    train_shortly,
)


def environment(work: Work) -> Iterator[Finding]:
    """A finding for each part."""
    return measure_parts(_PARTS, work)


def _check_apis(work: Work) -> Finding:
    texts = [f"{name}: {check(work.config)}" for name, check in _CHECKERS.items()]
    return Finding("gymnasium-api", True, "; ".join(texts))


def _simulate(work: Work) -> Finding:
    flown = f"{fly_two_episodes(work.config)}; {fly_fleet(work.config)}"
    return Finding("simulation-runs", True, flown, {"landers": work.config.run.n_envs})


def _train(work: Work) -> Finding:
    run = _run_of(work)
    how = train_shortly(work.config, run)
    newest = find_newest(run.checkpoints)
    if newest.whole is None or newest.skipped:
        return Finding("trains", False, f"{how}, which is damaged")
    steps = newest.whole.timesteps
    text = f"{steps:,} steps, {how}, whole by its digests"
    return Finding("trains", steps >= TRAINING_STEPS, text, {"steps": steps})


def _refuse_statistics(work: Work) -> Finding:
    return refuse_statistics(work, _run_of(work))


def _refuse_states(work: Work) -> Finding:
    return refuse_states(work, _run_of(work))


def _run_of(work: Work) -> RunPaths:
    """The run of the short training."""
    return RunPaths(work.folder / "run")


_CHECKERS: dict[str, Callable[[Config], str]] = {
    "Gymnasium": check_gymnasium_api,
    "stable-baselines3": check_sb3_api,
}
# Memory first: torch and a training would hide small growth.
_PARTS = (
    Part("creates", "creating the environment", 1.0, create),
    Part("memory-flat", "resetting", 20.0, memory_over_resets),
    Part("close-frees", "creating and closing", 10.0, memory_over_closes),
    Part("gymnasium-api", "checking the interfaces", 3.0, _check_apis),
    Part("simulation-runs", "flying", 3.0, _simulate),
    Part("reset-sequence", "repeating flights", 3.0, repeat_resets),
    Part("timeouts-logged", "hovering", 2.0, hover),
    Part("single", "flying alone", 1.0, fly_alone),
    Part("parallel", "flying in fleets", 2.0, fly_parallel),
    Part("import-errors", "importing without Basilisk", 5.0, import_without_basilisk),
    Part("trains", f"training {TRAINING_STEPS:,} steps", 10.0, _train),
    Part("normaliser-validated", "loading faulty statistics", 3.0, _refuse_statistics),
    Part("curriculum-validated", "loading faulty states", 3.0, _refuse_states),
)
