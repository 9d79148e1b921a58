"""Who flies an evaluation: a checkpoint's policy, or the reference pilot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from daemon.config.schema import Config
from daemon.trainer.evaluation.grounded_policy import load_grounded_policy
from daemon.trainer.flyable import find_vehicle
from env.pilot.campaign import Pilot
from env.pilot.pilot import ReferencePilot


@dataclass(frozen=True)
class PilotSource:
    """A pilot that processes forked from this one can make."""

    make: Callable[[int], Pilot]  # of a number of landers
    digest: str  # of the policy; "": the reference pilot


def load_pilot(folder: Path | None, config: Config) -> PilotSource:
    """The policy in a verified checkpoint's folder; None: the reference pilot.

    The policy is on the CPU, where small networks are faster, and torch uses one thread from now
    on, whatever run.torch_threads is: with more, a process forked from this one would wait for
    ever for threads that it does not have. Raises UnusableCheckpointError.
    """
    if folder is None:
        vehicle, interval_s = find_vehicle(config), config.fleet.control_interval_s
        return PilotSource(lambda landers: ReferencePilot(vehicle, landers, interval_s), "")
    forkable = replace(config.run, device="cpu", torch_threads=1)
    policy = load_grounded_policy(folder, replace(config, run=forkable))
    return PilotSource(lambda _: policy, policy.digest)
