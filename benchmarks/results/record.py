"""The result of one training, as a file in docs/results/."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks.results.files import read, write
from daemon.checkpoint.environment_version import ENVIRONMENT, environment_versions
from daemon.runs.evaluations import EvaluationResult

FOLDER = Path(__file__).parents[2] / "docs" / "results"
# Trainings repeated on the processor of one that was killed, only to compare the two; a file is
# recorded as any other and moved here.
UNINTERRUPTED = FOLDER / "uninterrupted"
PACKAGES = ("landerctl", "bsk", "stable_baselines3", "torch", "numba", "numpy")


class Gate(msgspec.Struct, frozen=True):
    """A passed gate, from the event log."""

    stage: int
    timesteps: int
    trained_s: float
    success_rate: float  # of the mean action on the evaluation seeds
    reward_mean: float


class Kill(msgspec.Struct, frozen=True):
    """A SIGKILL during a training."""

    process: str  # trainer or supervisor
    timesteps: int  # last progress before the kill
    resumed_timesteps: int  # of the checkpoint that training resumed from


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """One training from scratch, and the evaluation of its best model on fresh seeds."""

    name: str
    algorithm: str
    seed: int
    mode: str
    settings: str  # TOML on top of the defaults
    n_envs: int
    timesteps: int
    trained_s: float
    steps_per_s: float  # median over the run
    gates: list[Gate]
    final: EvaluationResult | None
    pilot: EvaluationResult | None  # the reference pilot on the same seeds
    kills: list[Kill]
    cpu: str
    cores: int
    versions: dict[str, str]
    note: str  # what else the machine was doing
    vehicle: str = "starship-hls"
    complete: bool = True  # trained to its end, or to the gate at which it was to stop

    @property
    def default(self) -> bool:
        """Whether it is a complete training with the vehicle's default settings."""
        return self.complete and self.mode == "curriculum" and not (self.settings or self.kills)

    @property
    def environment(self) -> int:
        """The version of the environment that it learned in; what recorded none is the first."""
        return int(self.versions.get(ENVIRONMENT, "1"))


def save(result: RunResult) -> Path:
    """Write a result to docs/results/."""
    return write(FOLDER / f"{result.name}.json", result, indented=True)


def load(name: str) -> RunResult | None:
    """The result with this name; None if there is none."""
    return read(FOLDER / f"{name}.json", RunResult)


def load_all(folder: Path = FOLDER) -> list[RunResult]:
    """Every result of a folder, by name."""
    paths = sorted(folder.glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=RunResult) for path in paths]


def newest(results: Iterable[RunResult]) -> list[RunResult]:
    """Without those of an algorithm and vehicle that were trained again in a newer environment.

    What is compared must have learned in the same environment: seeds with each other, and a
    training that was killed with the same one that was not.
    """
    found = list(results)

    def kind(result: RunResult) -> tuple[str, str]:
        return result.algorithm, result.vehicle

    versions: dict[tuple[str, str], int] = {}
    for result in found:
        versions[kind(result)] = max(result.environment, versions.get(kind(result), 0))
    return [result for result in found if result.environment == versions[kind(result)]]


def processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def versions() -> dict[str, str]:
    """Versions of the packages that affect a training's results, and of the environment."""
    found = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version()} | environment_versions() | found
