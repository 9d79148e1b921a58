from __future__ import annotations

import pytest

from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.engines.ray.requirements import check_requirements
from daemon.sweeps.spec.schema import Limits, RaySettings, SchedulerSettings, SweepSpec

LIMITS = Limits(steps=1000)
BACKUP = RaySettings(backup="s3://bucket/sweeps")


@pytest.mark.parametrize("backup", ["s3://bucket/sweeps", "file:///mnt/sweeps", "none"])
def test_a_sweep_with_a_target_can_run(backup: str) -> None:
    check_requirements(SweepSpec(limits=LIMITS, ray=RaySettings(backup=backup)), "10.0.0.1:6379")


@pytest.mark.parametrize(
    ("spec", "address", "said"),
    [
        (SweepSpec(limits=LIMITS), None, "needs ray.backup"),
        (SweepSpec(limits=LIMITS, ray=RaySettings(backup="/mnt/x")), None, "begins with one of"),
        (SweepSpec(limits=LIMITS, ray=BACKUP), "ray://head:10001", "a Ray client loses its trials"),
        (
            SweepSpec(limits=LIMITS, ray=BACKUP, scheduler=SchedulerSettings(name="population")),
            None,
            "run this sweep with --engine local",
        ),
    ],
)
def test_what_cannot_run_is_refused(spec: SweepSpec, address: str | None, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        check_requirements(spec, address)
