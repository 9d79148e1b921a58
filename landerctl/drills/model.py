"""What a drill is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import Config
from daemon.protocol.finding import Finding


class DrillError(Exception):
    """A drill cannot go on. The message is one line; what it has not measured yet stays open."""


@dataclass(frozen=True)
class DrillContext:
    """What a drill works with. It changes nothing outside `scratch`."""

    paths: StatePaths  # of the real state folder: to read
    config: Config  # of the real run, or that a start would use
    scratch: Path  # a folder of its own, removed when it ends
    report: Callable[[str, float], None]  # what it does now, and the share (0 to 1) that is done


@dataclass(frozen=True)
class DrillKind:
    """A drill. `conduct` yields a finding for each of `keys`, as they are measured.

    `expected_s`: how long it takes on two cores that do nothing else.
    """

    name: str
    purpose: str  # one sentence
    keys: tuple[str, ...]
    expected_s: float
    conduct: Callable[[DrillContext], Iterator[Finding]]
