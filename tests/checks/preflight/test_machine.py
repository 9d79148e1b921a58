from __future__ import annotations

import msgspec
import pytest

from checks.evidence import DiskEvidence
from checks.preflight.machine import MachineFacts, collect_machine, machine_rows
from checks.verdict import Level
from daemon.config import load_config

LIMITS = load_config(None).config.checklist
LARGE = MachineFacts(8, False, 32_000_000_000, False, 80_000_000_000, ("cuda",))


def levels(facts: MachineFacts, device: str = "cpu") -> list[Level]:
    return [row.level for row in machine_rows(facts, LIMITS, device)]


def test_a_large_machine_is_ok() -> None:
    assert levels(LARGE) == [Level.OK] * 4


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [("cores", 7, 0), ("memory_bytes", 15_999_999_999, 1), ("disk_free_bytes", 49_000_000_000, 2)],
)
def test_less_than_recommended_is_a_warning(field: str, value: int, place: int) -> None:
    found = levels(msgspec.structs.replace(LARGE, **{field: value}))
    assert found.pop(place) is Level.WARNING
    assert found == [Level.OK] * 3


def test_a_containers_limit_is_named() -> None:
    facts = msgspec.structs.replace(LARGE, cores=2, cores_limited=True, memory_limited=True)
    cores, memory, *_ = machine_rows(facts, LIMITS, "cpu")
    assert cores.text == "2 cores (container limit), 8 recommended"
    assert "(container limit)" in memory.text


def test_what_cannot_be_measured_is_unknown() -> None:
    facts = msgspec.structs.replace(LARGE, memory_bytes=None, disk_free_bytes=None)
    assert levels(facts)[1:3] == [Level.UNKNOWN] * 2


@pytest.mark.parametrize(
    ("device", "level"),
    [("cpu", Level.OK), ("cuda:1", Level.OK), ("xpu", Level.CRITICAL), ("mps", Level.UNKNOWN)],
)
def test_a_device_needs_its_driver(device: str, level: Level) -> None:
    assert levels(LARGE, device)[3] is level


def test_this_machine_is_measured() -> None:
    facts = collect_machine(DiskEvidence(1, 2))
    assert facts.cores >= 1
    assert facts.memory_bytes is not None and facts.memory_bytes > 1e8
    assert facts.disk_free_bytes == 1
