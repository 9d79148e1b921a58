"""A silence lasts as long as it was asked for, however the wall clock is set."""

from __future__ import annotations

import pytest

from daemon.store.records import Silence
from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.silences import MAX_SILENCES, Silences

HOUR_S = 3600.0
WALL_S = 1.8e9
steps = pytest.mark.parametrize("step_s", [0.0, HOUR_S, -HOUR_S, 86_400.0, -365 * 86_400.0])


def at(passed_s: float, step_s: float = 0.0) -> Instant:
    return Instant(passed_s, WALL_S + passed_s + step_s)


def none() -> Silences:
    return Silences([], at(0.0), lambda time_s: 0.0)


@steps
def test_a_step_ends_none_and_its_date_follows(step_s: float) -> None:
    silences = none()
    silences.put("a-*", HOUR_S, "me", "", at(0.0))
    [silence] = silences.in_force(at(600.0, step_s))
    assert silence.until_s == pytest.approx(WALL_S + HOUR_S + step_s)
    assert silences.in_force(at(HOUR_S - 1.0, step_s)) != []
    assert silences.in_force(at(HOUR_S, step_s)) == []


@steps
def test_a_restart_leaves_its_remaining_time(step_s: float) -> None:
    silences = none()
    silences.put("a-*", HOUR_S, "me", "", at(0.0))
    recorded = silences.in_force(at(600.0))
    again = Silences(recorded, at(7.0, step_s), lambda time_s: WALL_S + 900.0 - time_s)
    [silence] = again.in_force(at(7.0, step_s))
    assert silence.until_s == pytest.approx(WALL_S + 7.0 + step_s + HOUR_S - 900.0, abs=60.0)
    assert again.in_force(at(7.0 + HOUR_S - 901.0, step_s)) != []
    assert again.in_force(at(7.0 + HOUR_S - 900.0, step_s)) == []


def test_a_silence_of_an_older_version_ends_at_its_date() -> None:
    old = Silence("a-*", WALL_S + 50.0, "me", "")
    silences = Silences([old], at(0.0), lambda time_s: WALL_S - time_s)
    assert silences.in_force(at(49.0)) == [old]
    assert silences.in_force(at(50.0)) == []


def test_a_pattern_has_one_silence_and_their_number_is_bounded() -> None:
    silences = none()
    for k in range(MAX_SILENCES + 5):
        silences.put(f"a-{k}", HOUR_S, "me", "", at(0.0))
    silences.put("a-50", 2 * HOUR_S, "me", "", at(0.0))
    silences.put("a-51", 0.0, "me", "", at(0.0))
    kept = [silence.pattern for silence in silences.in_force(at(1.0))]
    assert len(kept) == MAX_SILENCES - 1
    assert (kept.count("a-50"), kept.count("a-51")) == (1, 0)
    assert [one.pattern for one in silences.in_force(at(HOUR_S))] == ["a-50"]
