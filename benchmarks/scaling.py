"""PPO end to end by the number of landers, as `landerctl estimate` scales a run's speed.

All sizes are measured alternately in one process, and medians are compared.
"""

from __future__ import annotations

import statistics
import time

import msgspec
import torch

from benchmarks.curves import SIZES, figure_name
from benchmarks.report import report
from benchmarks.training import learner
from checks.checklist.performance.curves import FLEET
from daemon.config import load_config
from daemon.trainer.algorithms import factory
from daemon.trainer.fleets import build_fleet

ROUNDS = 3


def main() -> None:
    """Print the speed by fleet size; the reference is the default size."""
    config = load_config(None).config
    torch.manual_seed(0)
    learn, steps = {}, {}
    for size in SIZES:
        sized = msgspec.structs.replace(
            config, run=msgspec.structs.replace(config.run, n_envs=size)
        )
        learn[size] = learner(sized, build_fleet(sized, sized.curriculum.stages[0], size))
        steps[size] = factory.steps_per_iteration(sized)
    seconds: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size in SIZES:
            began = time.perf_counter()
            learn[size]()
            seconds[size].append(time.perf_counter() - began)
    speed = {size: steps[size] / statistics.median(seconds[size]) for size in SIZES}
    for size in SIZES:
        report(figure_name(size), speed[size], "steps/s", speed[FLEET])


if __name__ == "__main__":
    main()
