"""Which trial was forked from which. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from daemon.sweeps.records import Trial


class Branch(Struct, frozen=True):
    """A trial and the trials that were forked from it."""

    trial: Trial
    forks: tuple[Branch, ...]


def lineage(trials: Sequence[Trial]) -> list[Branch]:
    """The trees of a population: the trials that the sampler proposed, and their forks."""
    forks: dict[int | None, list[Trial]] = {}
    for trial in trials:
        forks.setdefault(trial.parent, []).append(trial)

    def branch(trial: Trial) -> Branch:
        return Branch(trial, tuple(branch(fork) for fork in forks.get(trial.number, ())))

    return [branch(trial) for trial in forks.get(None, ())]


def ancestry(trials: Sequence[Trial], number: int) -> list[Trial]:
    """The trials from the root of a lineage to one of them: whose training it continues."""
    by_number = {one.number: one for one in trials}
    line = [by_number[number]]
    while (parent := line[-1].parent) is not None:
        line.append(by_number[parent])
    return line[::-1]
