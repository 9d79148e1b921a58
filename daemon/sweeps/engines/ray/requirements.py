"""What a sweep must have so that the Ray engine can run it."""

from __future__ import annotations

from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.spec.schema import SweepSpec

CLIENT_SCHEME = "ray://"
WITHOUT_BACKUP = "none"
_STORES = ("s3://", "gs://", "az://", "file:///")  # of daemon.offsite.target, which is heavier


def check_requirements(spec: SweepSpec, address: str | None) -> None:
    """Raises EngineError with what is missing."""
    if address is not None and address.startswith(CLIENT_SCHEME):
        raise EngineError(
            f"{address}: a Ray client loses its trials when its connection breaks; run the sweep "
            "on a machine of the cluster and give the cluster's address (HOST:6379)"
        )
    backup = spec.ray.backup
    if not backup:
        raise EngineError(
            "a sweep on Ray needs ray.backup: a target that every node reaches (s3://..., "
            f'file:///...), so that a trial survives its node; "{WITHOUT_BACKUP}" goes without'
        )
    if backup != WITHOUT_BACKUP and not backup.startswith(_STORES):
        known = ", ".join(_STORES)
        raise EngineError(f'ray.backup is {backup}: it begins with one of {known}, or is "none"')
    if spec.scheduler.name == "population":
        raise EngineError(
            "the scheduler population forks from other trials' homes, which are on other nodes: "
            "run this sweep with --engine local"
        )
