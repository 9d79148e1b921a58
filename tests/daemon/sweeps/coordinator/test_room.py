"""When the disk pauses a sweep."""

from __future__ import annotations

from daemon.sweeps.coordinator.room import FULL_S, Room


def test_below_the_limit_no_leg_begins_and_below_half_of_it_none_runs() -> None:
    pressures = [Room().seen(free_gb, 2.0, 0.0).pressure for free_gb in (2.0, 1.9, 1.0, 0.9)]
    assert pressures == ["none", "no new legs", "no new legs", "stop running legs"]


def test_it_continues_a_little_above_the_limit() -> None:
    room = Room().seen(1.9, 2.0, 0.0)
    assert room.seen(2.05, 2.0, 1.0).pressure == "no new legs"
    assert room.seen(2.1, 2.0, 1.0).pressure == "none"


def test_a_full_store_rests_though_the_disk_has_room() -> None:
    room = Room().full(10.0)
    assert room.pressure == "stop running legs"
    assert room.seen(50.0, 2.0, 10.0 + FULL_S - 1).pressure == "stop running legs"
    assert room.seen(50.0, 2.0, 10.0 + FULL_S).pressure == "none"
