"""What the heavy part of a drill works with, and how one finding is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.config import Config
from daemon.protocol.finding import Finding
from daemon.trainer.commands.parts import FAULTS, fault_text


@dataclass(frozen=True)
class Work:
    """`folder`: of its own, to write in. `report`: what it does, and the share that is done."""

    config: Config
    folder: Path
    report: Callable[[str, float], None]


@dataclass(frozen=True)
class Part:
    """One finding: its key, what is done for it, and about how long that takes on two cores."""

    key: str
    doing: str
    expected_s: float
    measure: Callable[[Work], Finding]


def measure_parts(parts: tuple[Part, ...], work: Work) -> Iterator[Finding]:
    """The finding of each part; a fault of one does not keep the others from being measured."""
    total_s, done_s = sum(part.expected_s for part in parts), 0.0
    for part in parts:
        work.report(part.doing, done_s / total_s)
        yield _measure(part, work)
        done_s += part.expected_s


def _measure(part: Part, work: Work) -> Finding:
    try:
        return part.measure(work)
    except OSError as error:
        return Finding(part.key, None, fault_text(error))  # of the machine, not of what is tested
    except FAULTS as error:
        return Finding(part.key, False, fault_text(error))
