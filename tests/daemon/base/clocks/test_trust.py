"""Whether the wall clock is trusted, and the age of records that it dated."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.clocks.record import (
    WRITE_INTERVAL_S,
    confirm_clock,
    observe_clock,
    read_clock_record,
)
from daemon.base.clocks.trust import (
    DAY_S,
    LONGEST_OFF_S,
    TOLERANCE_S,
    ClockRecord,
    Look,
    first_record,
    observe,
)
from daemon.offsite.expiry import may_expire

HOUR_S = 3600.0
START = Look(1.8e9, 5000.0, "boot")
STEPS_S = (HOUR_S, -HOUR_S, DAY_S, 40 * DAY_S, -365 * DAY_S)


def later(passed_s: float, step_s: float = 0.0, boot: str = "boot") -> Look:
    """`passed_s` after START, with the wall clock set by `step_s`."""
    return Look(START.unix_s + passed_s + step_s, START.boot_s + passed_s, boot)


def seen(*looks: Look) -> ClockRecord:
    record = ClockRecord(START)
    for one in looks:
        record = observe(record, one)
    return record


def test_a_steady_clock_is_trusted_also_across_corrections_and_a_pause_of_days() -> None:
    record = seen(later(60.0), later(400.0, TOLERANCE_S / 2), later(5 * DAY_S))
    assert record.doubt is None
    assert record.agreed_s == 5 * DAY_S


@pytest.mark.parametrize("step_s", STEPS_S)
def test_a_step_is_doubted_until_it_has_been_steady_for_a_day(step_s: float) -> None:
    record = seen(later(60.0), later(120.0, step_s))
    assert record.jump is not None
    assert record.jump.by_s == step_s
    assert ("forward" if step_s > 0.0 else "back") in str(record.doubt)
    record = observe(record, later(120.0 + DAY_S - 1.0, step_s))
    assert record.doubt is not None
    assert observe(record, later(120.0 + DAY_S, step_s)).doubt is None


@pytest.mark.parametrize("step_s", STEPS_S)
def test_a_clock_that_returns_is_trusted_at_once(step_s: float) -> None:
    assert seen(later(120.0, step_s), later(900.0)).doubt is None


def test_a_reboot_hides_no_jump() -> None:
    jumped = seen(later(60.0, DAY_S), later(120.0, DAY_S, "next boot"))
    assert jumped.doubt is not None
    set_right = observe(jumped, Look(START.unix_s + 180.0, 30.0, "next boot"))
    assert set_right.doubt is None


def test_a_clock_that_a_reboot_lost_is_trusted_once_it_is_set() -> None:
    lost = seen(Look(0.0, 10.0, "next boot"))
    assert lost.doubt is not None
    assert observe(lost, Look(START.unix_s + HOUR_S, 20.0, "next boot")).doubt is None


def test_a_second_step_starts_the_day_anew() -> None:
    steady = seen(later(60.0, HOUR_S), later(DAY_S, HOUR_S))
    again = observe(steady, later(DAY_S + 60.0, 3 * HOUR_S))
    assert again.jump is not None
    assert (again.jump.by_s, again.agreed_s) == (3 * HOUR_S, 0.0)


@pytest.mark.parametrize(
    ("gone_s", "trusted"),
    [
        (-HOUR_S, False),
        (0.0, True),
        (LONGEST_OFF_S, True),
        (LONGEST_OFF_S + 1.0, False),
        (-365 * DAY_S, False),
    ],
)
def test_after_a_reboot_the_clock_is_neither_back_nor_far_ahead(
    gone_s: float, trusted: bool
) -> None:
    record = seen(Look(START.unix_s + gone_s, 10.0, "next boot"))
    assert (record.doubt is None) == trusted


def test_agreement_adds_up_over_reboots() -> None:
    record = seen(later(60.0, 40 * DAY_S))
    wall_s = record.last.unix_s
    for day in range(3):
        boot = f"boot {day}"
        record = observe(record, Look(wall_s + day * DAY_S + HOUR_S, 100.0, boot))
        record = observe(record, Look(wall_s + day * DAY_S + 9 * HOUR_S, 100.0 + 8 * HOUR_S, boot))
    assert record.doubt is None


def test_a_new_folder_is_judged_by_its_newest_record() -> None:
    assert first_record(None, START).doubt is None
    assert first_record(START.unix_s - DAY_S, START).doubt is None
    assert first_record(START.unix_s - 40 * DAY_S, START).doubt is not None
    assert first_record(START.unix_s + HOUR_S, START).doubt is not None


@pytest.mark.parametrize("step_s", STEPS_S)
def test_no_record_ages_by_a_step(step_s: float) -> None:
    record = seen(later(100.0, step_s))
    before, after = START.unix_s + 40.0, START.unix_s + 90.0 + step_s
    assert record.age_s(after) == pytest.approx(10.0)
    assert record.age_s(before) <= 60.0
    assert record.since_s(60.0) <= min(before, after)


def test_the_record_on_disk_knows_a_jump_and_its_confirmation(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    assert observe_clock(path, START, lambda: None)[1].doubt is None
    known, record = observe_clock(path, later(60.0, DAY_S), lambda: None)
    assert known == ClockRecord(START)
    assert record.doubt is not None
    assert read_clock_record(path) == record
    assert confirm_clock(path, later(70.0, DAY_S)).doubt is None
    assert observe_clock(path, later(80.0, DAY_S), lambda: None)[1].doubt is None
    path.write_bytes(b"{")
    newest_s = START.unix_s - 40 * DAY_S
    assert observe_clock(path, later(90.0), lambda: newest_s)[1].doubt is not None


def test_a_steady_clock_is_not_written_at_each_look(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    observe_clock(path, START, lambda: None)
    observe_clock(path, later(WRITE_INTERVAL_S - 1.0), lambda: None)
    assert read_clock_record(path) == ClockRecord(START)
    observe_clock(path, later(WRITE_INTERVAL_S), lambda: None)
    assert read_clock_record(path) == seen(later(WRITE_INTERVAL_S))


def test_a_new_folder_removes_nothing_at_an_old_target_for_a_day(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    assert not may_expire(observe_clock(path, START, lambda: None)[1])
    assert may_expire(observe_clock(path, later(DAY_S), lambda: None)[1])
    assert not may_expire(observe_clock(path, later(DAY_S + 1.0, DAY_S), lambda: None)[1])
    assert may_expire(confirm_clock(path, later(DAY_S + 2.0, DAY_S)))
