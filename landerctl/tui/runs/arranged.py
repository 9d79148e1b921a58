"""Which runs are listed, and in which order: filtered, sorted, forks below their parents. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from landerctl.operations.runs.fields import FIELDS, Condition, ConditionError, parse_condition
from landerctl.operations.runs.summary import RunSummary


class Order(Enum):
    """What runs are sorted by; the order in which the key goes through them."""

    NEWEST = "newest first"
    NAME = "by name"
    STEPS = "most steps first"
    STAGE = "highest stage first"
    SUCCESS = "most landings first"


@dataclass(frozen=True)
class Arrangement:
    """What the operator wants to see."""

    order: Order = Order.NEWEST
    words: str = ""  # words that are in a listed run's texts, whatever their case; and conditions
    archived: bool = False  # archived ones too
    tree: bool = False  # forks below their parents

    def next_order(self) -> Arrangement:
        """The arrangement with the next order."""
        orders = list(Order)
        return replace(self, order=orders[(orders.index(self.order) + 1) % len(orders)])


@dataclass(frozen=True)
class Placed:
    """A run in the list; `branch`: what precedes its name in the tree."""

    run: RunSummary
    branch: str = ""


def arranged(runs: Iterable[RunSummary], wanted: Arrangement, now_s: float) -> list[Placed]:
    """The listed runs, in their order, at a Unix time."""
    words, conditions = _filter(wanted.words)
    listed = [
        run
        for run in runs
        if (wanted.archived or run.metadata.archived_s is None)
        and all(word in _texts(run) for word in words)
        and all(one.holds(FIELDS[one.field].of(run, now_s)) for one in conditions)
    ]
    listed.sort(key=lambda run: (run.metadata.created_s, run.id), reverse=True)
    if wanted.order is not Order.NEWEST:
        listed.sort(key=lambda run: _rank(run, wanted.order))
    return list(_tree(listed)) if wanted.tree else [Placed(run) for run in listed]


def _filter(text: str) -> tuple[list[str], list[Condition]]:
    """Words, and conditions as of `landerctl runs --where`; what is no condition is a word."""
    words: list[str] = []
    conditions: list[Condition] = []
    for word in text.split():
        try:
            conditions.append(parse_condition(word, lambda: ()))
        except ConditionError:
            words.append(word.casefold())
    return words, conditions


def _texts(run: RunSummary) -> str:
    settings = run.settings
    kinds = (settings.mode, settings.algorithm) if settings is not None else ()
    return " ".join((run.name, run.id, *run.metadata.tags, *kinds)).casefold()


def _rank(run: RunSummary, order: Order) -> tuple[Any, ...]:
    """What sorts ascending; runs without a checkpoint come last."""
    newest = run.newest
    if order is Order.NAME:
        return (run.name.casefold(),)
    if newest is None:
        return (1,)
    if order is Order.STEPS:
        return 0, -newest.timesteps
    success = -1.0 if newest.success_rate is None else newest.success_rate
    return (0, -newest.stage, -success) if order is Order.STAGE else (0, -success)


def _tree(listed: Sequence[RunSummary]) -> Iterator[Placed]:
    """Each run with its forks below it; a fork whose parent is not listed is at the root."""
    ids = {run.id for run in listed}
    forks: dict[str | None, list[RunSummary]] = defaultdict(list)
    for run in listed:
        parent = run.metadata.parent
        forks[parent.run_id if parent is not None and parent.run_id in ids else None].append(run)
    yield from _below(forks, None, None)
    # What a damaged file names as its own ancestor is below nothing.
    yield from (Placed(run) for rest in forks.values() for run in rest)


def _below(
    forks: dict[str | None, list[RunSummary]], parent: str | None, lead: str | None
) -> Iterator[Placed]:
    runs = forks.pop(parent, [])
    for run in runs:
        last = run is runs[-1]
        branch = "" if lead is None else f"{lead}{'└' if last else '├'} "
        yield Placed(run, branch)
        deeper = "" if lead is None else f"{lead}{' ' if last else '│'} "
        yield from _below(forks, run.id, deeper)
