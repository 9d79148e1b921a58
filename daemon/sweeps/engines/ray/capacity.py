"""What a cluster's nodes can run at once. Pure: the nodes are passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.base.text.counted import counted

MIB = 1 << 20


@dataclass(frozen=True)
class Node:
    """A node that is alive, with the resources that it declares in total."""

    id: str
    name: str  # its address unless it was given a name
    cpus: float
    memory_bytes: float

    def places(self, threads: int, memory_mb: int) -> int:
        """How many trials of this size fit on it."""
        return int(min(self.cpus // threads, self.memory_bytes // (memory_mb * MIB)))


def alive(nodes: Sequence[Mapping[str, Any]]) -> list[Node]:
    """The nodes that are alive, of what `ray.nodes()` returns."""
    return [
        Node(
            id=node["NodeID"],
            name=node["NodeName"],
            cpus=node["Resources"].get("CPU", 0.0),
            memory_bytes=node["Resources"].get("memory", 0.0),
        )
        for node in nodes
        if node["Alive"]
    ]


def slots(nodes: Sequence[Node], threads: int, memory_mb: int, parallel: int | None) -> int:
    """How many trials may be outstanding.

    With limits.parallel that many, whether or not they fit now: those that wait are the demand
    from which an autoscaler adds nodes. Without it as many as fit, at least one.
    """
    if parallel is not None:
        return parallel
    return max(1, sum(node.places(threads, memory_mb) for node in nodes))


def why_waiting(nodes: Sequence[Node], threads: int, memory_mb: int) -> str:
    """Why a trial of this size is on no node yet, for people."""
    size = f"{counted(threads, 'CPU')} and {memory_mb} MiB"
    if any(node.places(threads, memory_mb) for node in nodes):
        return f"waiting for a node with {size} free"
    return f"waiting for a node with {size}: the cluster has none that large"
