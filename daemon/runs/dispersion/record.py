"""The record of a dispersed evaluation, in a folder of its own beside the run's evaluations.

Another kind of record: what a policy does under dispersions must not be taken for its evaluation.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from daemon.base.files import make_private_folder, write_atomically
from daemon.runs.dispersion.draw import Draw
from daemon.runs.dispersion.parameters import Dispersion
from daemon.runs.statistics.intervals import Interval
from daemon.runs.statistics.paired import PairedRates


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one pilot flew in one case. Intervals are 95%."""

    outcomes: dict[str, int]
    success_rate: Interval
    # Over the landings; None if there was none:
    touchdown_speed_m_s: Interval | None
    distance_m: Interval | None
    fuel_left: Interval | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two sides on the same seeds: the first minus the second."""

    success: PairedRates
    # Over the seeds that landed on both sides; None if there were none:
    touchdown_speed_m_s: Interval | None
    distance_m: Interval | None
    fuel_left: Interval | None


class FlownCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as flown by each pilot."""

    case: str  # parameters.NOMINAL, parameters.TOGETHER, or the parameter dispersed alone
    figures: dict[str, Figures]  # by pilot
    to_nominal: dict[str, Change]  # by pilot; empty for the nominal case
    to_reference: Change | None  # of the policy to the reference pilot in this case


class WorstCase(msgspec.Struct, frozen=True, kw_only=True):
    """A dispersed flight among those with the lowest rewards."""

    case: str
    seed: int
    outcome: str
    reward: float
    drawn: tuple[Draw, ...]
    again: list[str]  # the command line that flies it again


class DispersedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A dispersed evaluation, as `landerctl evaluate --disperse --json` prints it."""

    run_id: str | None
    pilot: str
    created_s: float
    flown_s: float  # how long the flights took
    vehicle: str
    stage: int
    stage_name: str
    episodes: int  # of each case and pilot
    first_seed: int
    file: str | None  # None: the default dispersions
    dispersions: dict[str, Dispersion]
    cases: list[FlownCase]
    worst: list[WorstCase]


def save_dispersed(folder: Path, result: DispersedResult) -> Path:
    """Store a result. Raises OSError."""
    make_private_folder(folder)
    instant = time.strftime("%Y%m%d-%H%M%S", time.gmtime(result.created_s))
    path = folder / f"{instant}-{result.pilot}-stage{result.stage}-dispersed.json"
    write_atomically(path, msgspec.json.encode(result) + b"\n")
    return path
