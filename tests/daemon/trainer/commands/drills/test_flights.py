"""The flights of the drill `environment`, on a small configuration."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.protocol.finding import Finding
from daemon.trainer.commands.drills.flights import create, fly_alone, hover, repeat_resets
from daemon.trainer.commands.drills.work import Part, Work, measure_parts
from env.physics.vehicles import VEHICLES
from tests.daemon.trainer.conftest import small_config


@pytest.mark.parametrize("vehicle", VEHICLES)
def test_they_hold_with_every_vehicle(vehicle: str, tmp_path: Path) -> None:
    config = small_config()
    fleet = msgspec.structs.replace(config.fleet, vehicle=vehicle)
    work = Work(msgspec.structs.replace(config, fleet=fleet), tmp_path, lambda *_: None)
    for measure in (create, fly_alone, repeat_resets, hover):
        found = measure(work)
        assert found.holds is True, found.text


def test_a_fault_of_one_part_keeps_no_other_from_being_measured(tmp_path: Path) -> None:
    def crash(work: Work) -> Finding:
        raise AssertionError("an observation out of its range")

    def lose(work: Work) -> Finding:
        raise OSError(28, "No space left on device")

    reported: list[tuple[str, float]] = []
    work = Work(small_config(), tmp_path, lambda text, share: reported.append((text, share)))
    parts = (
        Part("one", "crashing", 1.0, crash),
        Part("two", "losing", 2.0, lose),
        Part("creates", "creating", 1.0, create),
    )
    found = list(measure_parts(parts, work))
    assert [(one.key, one.holds) for one in found] == [
        ("one", False),
        ("two", None),
        ("creates", True),
    ]
    assert found[0].text == "AssertionError: an observation out of its range"
    assert reported == [("crashing", 0.0), ("losing", 0.25), ("creating", 0.75)]
