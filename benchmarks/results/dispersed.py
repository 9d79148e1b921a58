"""What a best model does under dispersions, beside the reference pilot: a record a training."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.results.files import read, write
from benchmarks.results.record import FOLDER
from daemon.runs.dispersion.record import DispersedResult

DISPERSED = FOLDER / "dispersed"


def save_dispersion(name: str, result: DispersedResult) -> Path:
    """Write the record to docs/results/dispersed/, without the flights that went worst."""
    return write(DISPERSED / f"{name}.json", msgspec.structs.replace(result, worst=[]))


def load_dispersion(name: str) -> DispersedResult | None:
    """The record with this name; None if there is none."""
    return read(DISPERSED / f"{name}.json", DispersedResult)
