from __future__ import annotations

import pytest

from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.engines.local.capacity import MIB, Machine, slots
from daemon.sweeps.spec.schema import Limits

EIGHT = Machine(cores=8, memory_bytes=10_000 * MIB)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(steps=1, memory_mb=1000), 8),
        (Limits(steps=1, memory_mb=3000), 3),
        (Limits(steps=1, memory_mb=1000, threads=3), 2),
        (Limits(steps=1, memory_mb=1000, parallel=5), 5),
        (Limits(steps=1, memory_mb=1000, parallel=50), 8),
    ],
)
def test_the_scarcest_decides(limits: Limits, expected: int) -> None:
    assert slots(EIGHT, limits) == expected


def test_a_trial_that_does_not_fit_is_refused() -> None:
    with pytest.raises(EngineError, match=r"set limits\.threads to 8 or less"):
        slots(EIGHT, Limits(steps=1, threads=9))
    with pytest.raises(EngineError, match=r"lower limits\.memory_mb"):
        slots(EIGHT, Limits(steps=1, memory_mb=20_000))
