"""The recorded figures of benchmarks, by module: docs/benchmarks.json."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.results.record import cores, processor, versions

PATH = Path(__file__).parents[1] / "docs" / "benchmarks.json"


class Figure(msgspec.Struct, frozen=True):
    """A line of a benchmark (report.py)."""

    name: str
    value: float
    unit: str
    reference: float | None
    ratio: float | None


class ModuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one run of a benchmark, and where they were measured."""

    figures: list[Figure]
    cpu: str
    cores: int
    versions: dict[str, str]
    note: str  # what else the machine was doing


def read_records() -> dict[str, ModuleRecord]:
    """The records by benchmark; empty if none was recorded."""
    if not PATH.exists():
        return {}
    return msgspec.json.decode(PATH.read_bytes(), type=dict[str, ModuleRecord])


def save(module: str, figures: list[Figure], note: str) -> None:
    """Replace a benchmark's record."""
    record = ModuleRecord(
        figures=figures, cpu=processor(), cores=cores(), versions=versions(), note=note
    )
    records = dict(sorted({**read_records(), module: record}.items()))
    PATH.write_bytes(msgspec.json.format(msgspec.json.encode(records)) + b"\n")
