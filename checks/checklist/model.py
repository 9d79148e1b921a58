"""Types of the checklist's table: phase, group, line, and who judges a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# "best": evidence of a checkpoint counts while that one is the run's best model.
Bound = Literal["version", "fingerprint", "machine", "run", "settings", "best"]
MEASURED: tuple[Bound, ...] = ("version", "fingerprint", "machine")


@dataclass(frozen=True)
class Live:
    """Judged whenever asked, from the store and files: a function of `checks.checklist.judges`."""


@dataclass(frozen=True)
class Drill:
    """By a procedure that the software carries out: `landerctl drill NAME`; `finding` is its key.

    `bound`: in which parts of its address the evidence must agree with what is there now.
    """

    name: str
    finding: str
    bound: tuple[Bound, ...] = MEASURED


@dataclass(frozen=True)
class Fixed:
    """True by construction; the drill `environment` runs the named tests on this machine.

    `sources`: the code that they test, files or folders; its digest must be that of then. Tests are
    not among them: an installation has none, and must know the code that a checkout has tested.
    """

    tests: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Only a person can say: `landerctl signoff SUBJECT --by NAME`."""

    subject: str
    bound: tuple[Bound, ...] = ("run", "version", "fingerprint")


@dataclass(frozen=True)
class Lines:
    """Holds if all these lines hold; an id with a dot at its end means all that begin so."""

    ids: tuple[str, ...]


Judge = Live | Drill | Fixed | Person | Lines


@dataclass(frozen=True)
class Line:
    """One bullet, numbered step, table row or criterion of the document.

    `text`: the document's own. `measure`: statistic, window and threshold; ``{name}`` stands for a
    setting of [checklist]. `remedy`: what to do when it does not hold. `more`: the command that
    shows more. `translated`: how a figure or command of the document became ours. `thresholds`: the
    settings of [checklist] that decide. `required`: False for a recommendation, which blocks
    nothing.
    """

    id: str
    text: str
    judge: Judge
    measure: str
    remedy: str
    more: str = ""
    translated: str = ""
    thresholds: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Group:
    """Lines under one heading of the document's list; `text` is empty where it has none."""

    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Phase:
    """One section of the document. `heading`: the document's own."""

    id: str
    heading: str
    groups: tuple[Group, ...] = field(default=())

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all groups."""
        return tuple(line for group in self.groups for line in group.lines)
