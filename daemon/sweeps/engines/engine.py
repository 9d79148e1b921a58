"""The interface between a sweep's coordinator and where its trials run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from daemon.sweeps.spec.schema import Objective

EndKind = Literal[
    "reached",  # the leg's steps are trained and its objectives measured
    "stopped",  # it was asked to stop, or lost its coordinator; it can continue
    "crashed",  # the supervisor gave up, or the objectives cannot be measured
    "lost",  # its node is gone; it can continue from its newest backup
]


class TrialOrder(Struct, frozen=True, kw_only=True):
    """One leg of one trial. The same order given twice trains once: the home knows its steps."""

    sweep: str
    trial: int
    epoch: int  # fences off every older placement
    home: Path  # the state folder, on the machine that runs it
    config: bytes  # JSON of the whole `Config`, with the trial's values and threads
    target_steps: int
    objectives: tuple[Objective, ...]  # measured at the end of the leg
    threads: int
    memory_mb: int
    restore_from: str | None = None  # a trial's backup target, where its home was lost
    fork_from: str | None = None  # ``HOME:RUN/STATE`` of another trial's pinned backup


class TrialReport(Struct, frozen=True, kw_only=True):
    """What is known of a trial's present leg."""

    trial: int
    epoch: int
    steps: int
    metrics: dict[str, float]  # newest values of the objectives while it trains, as far as known
    run_id: str = ""
    place: str = ""
    ended: EndKind | None = None  # None: it runs
    reason: str = ""  # one line for people
    values: dict[str, float] = {}  # objectives, where it ended by "reached"
    running_s: float = 0.0
    machine: str = ""


def encode_order(order: TrialOrder) -> bytes:
    """The line on a trial process's standard input."""
    return msgspec.json.encode(order, enc_hook=str) + b"\n"  # a path as its text


def decode_order(line: bytes) -> TrialOrder:
    """The order in a line. Raises msgspec.MsgspecError, ValueError."""
    return msgspec.json.decode(line, type=TrialOrder, dec_hook=_decoded)


def _decoded(kind: type, value: Any) -> Any:
    return kind(value)


class EngineError(Exception):
    """The engine cannot be used; the message is one line for the user."""


class Engine(Protocol):
    """Starts, observes and stops trials. Never blocks for long; used by one thread."""

    name: str

    def slots(self) -> int:
        """How many trials it can run at once now, those that run included. Raises EngineError."""
        ...

    def start(self, order: TrialOrder) -> None:
        """Begin a leg; what becomes of it is observed. Raises EngineError: nothing was begun."""
        ...

    def observe(self) -> Sequence[TrialReport]:
        """A report for each trial that runs or has ended since the last call."""
        ...

    def stop(self, trial: int) -> None:
        """Ask a trial to save and end; observed as "stopped"."""
        ...

    def close(self) -> None:
        """Stop every trial and wait until each has saved and ended."""
        ...
