"""Which runs were forked from which. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from daemon.runs.metadata import Parent, RunMetadata


class Fork(msgspec.Struct, frozen=True):
    """A run that was forked from another, and its own forks."""

    run_id: str
    name: str
    state: str  # of the parent, from which it was forked
    timesteps: int
    forks: tuple[Fork, ...]


def ancestors(run_id: str, known: Mapping[str, RunMetadata]) -> list[Parent]:
    """The origin of a run, then that one's, as far as they are known."""
    found: list[Parent] = []
    at = run_id
    while (metadata := known.get(at)) is not None and (parent := metadata.parent) is not None:
        if parent.run_id in {run_id, *(one.run_id for one in found)}:
            break  # edited by hand
        found.append(parent)
        at = parent.run_id
    return found


def forks_of(run_id: str, known: Mapping[str, RunMetadata]) -> tuple[Fork, ...]:
    """The runs forked from a run, oldest first, each with its own."""
    return _forks(run_id, known, frozenset({run_id}))


def _forks(
    run_id: str, known: Mapping[str, RunMetadata], above: frozenset[str]
) -> tuple[Fork, ...]:
    found = [
        (metadata.created_s, id_, metadata.name, metadata.parent)
        for id_, metadata in known.items()
        if metadata.parent is not None and metadata.parent.run_id == run_id and id_ not in above
    ]
    return tuple(
        Fork(id_, name, parent.state, parent.timesteps, _forks(id_, known, above | {id_}))
        for _, id_, name, parent in sorted(found, key=lambda one: one[:2])
        if parent is not None
    )


def tree(forks: Iterable[Fork], indent: str = "") -> list[str]:
    """A line for each fork, indented below its parent."""
    lines = []
    for fork in forks:
        lines.append(f"{indent}{fork.name} ({fork.run_id}) from {fork.state}")
        lines += tree(fork.forks, f"{indent}  ")
    return lines
