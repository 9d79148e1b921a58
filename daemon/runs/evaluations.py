"""A run's evaluations: the result of each, and the trajectories of its episodes.

An evaluation is `<id>.json` (an `EvaluationResult`) and `<id>.npz` (read by
:mod:`daemon.runs.trajectories`). The JSON is written last and commits the evaluation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.malformed import MALFORMED
from daemon.runs.statistics.intervals import Interval

SOFT_TOUCHDOWN_M_S = 2.0


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What a result depends on. Digests of 16 hexadecimal digits.

    Evaluations with equal fingerprints have equal results, but for the rounding of another machine;
    those with equal `environment` and seeds can be compared seed by seed.
    """

    fingerprint: str  # of all below and the seeds
    policy: str  # parameters and observation statistics; "": the reference pilot, which is code
    environment: str  # vehicle, terrain, sensors, intervals, and where the stage starts
    code: str  # source of the environment and the trainer; "": could not be read
    versions: dict[str, str]  # of the packages, as in run.json


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an evaluation, as `landerctl evaluate --json` prints it."""

    run_id: str | None  # None: flown without a run
    pilot: str  # a checkpoint's or backup's id, or daemon.protocol.flight.REFERENCE
    created_s: float  # Unix time
    vehicle: str
    stage: int  # counted from 1
    stage_name: str
    episodes: int
    first_seed: int
    outcomes: dict[str, int]  # number of episodes by outcome
    # Over all episodes:
    success_rate: Interval
    reward: Interval
    episode_steps: Interval
    roughness: Interval  # mean squared change of the action from step to step
    # Over the landings; None if there was none:
    soft_landings: Interval | None  # share with a touchdown speed below SOFT_TOUCHDOWN_M_S
    distance_m: Interval | None  # from the pad
    touchdown_speed_m_s: Interval | None
    touchdown_tilt_deg: Interval | None
    fuel_left: Interval | None  # share of the propellant at the start
    provenance: Provenance | None = None  # None: of an earlier version


@dataclass(frozen=True)
class Evaluation:
    """A stored evaluation."""

    path: Path  # of the result; the id is its name
    result: EvaluationResult

    @property
    def trajectories(self) -> Path:
        """The trajectories' file."""
        return self.path.with_suffix(".npz")


@dataclass(frozen=True)
class EvaluationListing:
    """The evaluations of one folder."""

    whole: list[Evaluation]  # ascending in time
    damaged: list[tuple[Path, str]]  # result's file, and what is wrong with it


def save_evaluation(folder: Path, result: EvaluationResult, trajectories: bytes) -> Evaluation:
    """Store a result and its encoded trajectories in a folder. Raises OSError."""
    make_private_folder(folder)
    instant = time.strftime("%Y%m%d-%H%M%S", time.gmtime(result.created_s))
    path = folder / f"{instant}-{result.pilot}-stage{result.stage}.json"
    evaluation = Evaluation(path, result)
    write_atomically(evaluation.trajectories, trajectories)
    write_atomically(path, msgspec.json.encode(result) + b"\n")
    return evaluation


def list_evaluations(folder: Path) -> EvaluationListing:
    """Read all results; none if the folder is missing. Raises OSError."""
    whole: list[Evaluation] = []
    damaged: list[tuple[Path, str]] = []
    for path in sorted(folder.glob("*.json")):
        if path.name.startswith("."):  # being written
            continue
        try:
            result = msgspec.json.decode(path.read_bytes(), type=EvaluationResult)
        except MALFORMED as error:
            damaged.append((path, str(error)))
        else:
            whole.append(Evaluation(path, result))
    return EvaluationListing(sorted(whole, key=lambda one: one.result.created_s), damaged)
