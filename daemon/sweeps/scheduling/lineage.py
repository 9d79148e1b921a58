"""Which trial was forked from which. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from daemon.sweeps.records import Trial


class Branch(Struct, frozen=True):
    """A trial and the trials that were forked from it."""

    trial: Trial
    forks: tuple[Branch, ...]


def lineage(trials: Sequence[Trial]) -> list[Branch]:
    """The trees of a population, by number: what the sampler proposed, each with its forks.

    `trials`: all of a sweep, by number.
    """
    forks: dict[int | None, list[Branch]] = {}
    for trial in reversed(trials):  # a fork has a higher number than its parent
        branch = Branch(trial, tuple(reversed(forks.get(trial.number, ()))))
        forks.setdefault(trial.parent, []).append(branch)
    return forks.get(None, [])[::-1]


def tree_lines(tree: Branch) -> Iterator[tuple[str, Trial]]:
    """Each trial of a tree below its parent, with the lines that lead to it."""
    left = [(tree, 0)]
    while left:
        branch, depth = left.pop()
        yield "  " * (depth - 1) + "└ " if depth else "", branch.trial
        left += [(fork, depth + 1) for fork in reversed(branch.forks)]


def ancestry(trials: Sequence[Trial], number: int) -> list[Trial]:
    """The trials from the root of a lineage to one of them: whose training it continues."""
    by_number = {one.number: one for one in trials}
    line = [by_number[number]]
    while (parent := line[-1].parent) is not None:
        line.append(by_number[parent])
    return line[::-1]
