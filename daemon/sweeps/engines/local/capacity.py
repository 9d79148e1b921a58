"""How many trials this machine, or the container's share of it, can run at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.spec.schema import Limits

MIB = 1 << 20


@dataclass(frozen=True)
class Machine:
    """What processes may use here: by the machine, or by the container's limits."""

    cores: int
    memory_bytes: int


def slots(machine: Machine, limits: Limits) -> int:
    """The smallest of limits.parallel, cores / threads and memory / memory_mb.

    Raises EngineError if not even one trial fits.
    """
    by_cores = machine.cores // limits.threads
    by_memory = machine.memory_bytes // (limits.memory_mb * MIB)
    if by_cores < 1:
        raise EngineError(
            f"a trial has {limits.threads} threads, this machine {machine.cores} usable "
            f"cores: set limits.threads to {machine.cores} or less"
        )
    if by_memory < 1:
        raise EngineError(
            f"a trial needs {limits.memory_mb} MB, this machine has "
            f"{machine.memory_bytes // MIB} MB: lower limits.memory_mb if it needs less"
        )
    return min(by_cores, by_memory, limits.parallel or by_cores)
