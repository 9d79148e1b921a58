"""The record of an ablation, in docs/results/ablations/."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks.results.files import read, write
from benchmarks.results.record import FOLDER, Gate
from daemon.runs.evaluations import EvaluationResult

ABLATIONS = FOLDER / "ablations"
Verdict = Literal["open", "kept", "not kept"]


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A training, as far as it was when it was recorded."""

    seed: int
    timesteps: int
    trained_s: float
    complete: bool
    gates: list[Gate]
    final: EvaluationResult | None  # of its best model on fresh seeds, once it is complete


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """A change, and trainings without and with it, each list by seed."""

    name: str
    title: str
    source: str  # what was published: authors, title, year; "": an idea of our own
    changes: list[str]  # settings, as of the last pair of trainings
    commit: str  # of what changed in the code; "": settings only
    base: list[Trained] = []
    tried: list[Trained] = []
    verdict: Verdict = "open"
    finding: str = ""

    def pairs(self) -> list[tuple[Trained, Trained]]:
        """The seeds that both sides have."""
        tried = {one.seed: one for one in self.tried}
        return [(one, tried[one.seed]) for one in self.base if one.seed in tried]


def merged(known: Iterable[Trained], found: Iterable[Trained]) -> list[Trained]:
    """By seed; what was found replaces what was known of its seed."""
    by_seed = {one.seed: one for one in (*known, *found)}
    return [by_seed[seed] for seed in sorted(by_seed)]


def save(ablation: Ablation) -> Path:
    """Write the record; returns its file."""
    return write(ABLATIONS / f"{ablation.name}.json", ablation, indented=True)


def load(name: str) -> Ablation | None:
    """The record with this name; None if there is none."""
    return read(ABLATIONS / f"{name}.json", Ablation)


def load_all() -> list[Ablation]:
    """Every record, by name."""
    paths = sorted(ABLATIONS.glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=Ablation) for path in paths]
