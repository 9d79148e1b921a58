from __future__ import annotations

import pytest

from checks.preflight.outside import TargetFact, notify_rows, offsite_rows
from checks.preflight.row import Row, summary
from checks.preflight.system import (
    CacheFact,
    DiskSpeed,
    LimitFacts,
    PortFact,
    SchedulerFacts,
    cache_row,
    clock_row,
    disk_speed_row,
    limits_rows,
    port_row,
    scheduler_rows,
)
from checks.verdict import Level


@pytest.mark.parametrize(
    ("known", "level"),
    [(True, Level.OK), (False, Level.WARNING), (None, Level.UNKNOWN)],
)
def test_clock(known: bool | None, level: Level) -> None:
    assert clock_row(known, "the kernel").level is level


@pytest.mark.parametrize(
    ("disk", "level"),
    [
        (DiskSpeed("/", 200.0, 2.0), Level.OK),
        (DiskSpeed("/", 10.0, 2.0), Level.WARNING),
        (DiskSpeed("/", 200.0, 300.0), Level.WARNING),
        (DiskSpeed("/", problem="No space left on device"), Level.CRITICAL),
    ],
)
def test_disk(disk: DiskSpeed, level: Level) -> None:
    assert disk_speed_row(disk).level is level


def test_limits() -> None:
    assert [row.level for row in limits_rows(LimitFacts(None, None))] == [Level.OK] * 2
    assert [row.level for row in limits_rows(LimitFacts(1024, 200))] == [Level.OK] * 2
    assert [row.level for row in limits_rows(LimitFacts(512, 199))] == [
        Level.WARNING,
        Level.CRITICAL,
    ]
    assert limits_rows(LimitFacts(100, None))[0].level is Level.CRITICAL


def test_a_port_is_free_or_ours_or_taken() -> None:
    assert port_row(PortFact("tensorboard", 6006, None, ours=False)).level is Level.OK
    assert port_row(PortFact("tensorboard", 6006, "in use", ours=True)).level is Level.OK
    taken = port_row(PortFact("prometheus", 9477, "127.0.0.1:9477: in use", ours=False))
    assert taken.level is Level.WARNING
    assert "prometheus.port" in taken.remedy


def test_a_cache_that_cannot_be_written_compiles_again() -> None:
    assert cache_row(CacheFact("/a")).level is Level.OK
    assert cache_row(CacheFact("/a", "its disk is full")).level is Level.WARNING


@pytest.mark.parametrize(
    ("systemd", "cron", "drills", "levels"),
    [
        (False, False, None, [Level.WARNING]),
        (True, True, True, [Level.OK, Level.OK]),
        (False, True, False, [Level.OK, Level.WARNING]),
        (True, False, None, [Level.OK, Level.UNKNOWN]),
    ],
)
def test_schedulers(systemd: bool, cron: bool, drills: bool | None, levels: list[Level]) -> None:
    rows = scheduler_rows(SchedulerFacts(systemd, cron, drills, "landerctl --home /data"))
    assert [row.level for row in rows] == levels
    if levels[-1] not in (Level.OK,) and len(rows) == 2:
        assert "landerctl --home /data drill due" in rows[-1].remedy


def test_targets() -> None:
    assert [row.level for row in notify_rows([])] == [Level.WARNING]
    assert [row.level for row in offsite_rows([])] == [Level.WARNING]
    good, bad = TargetFact("phone", None, True, 0.5), TargetFact("disk", "no answer", True)
    assert [row.level for row in notify_rows([good, bad])] == [Level.OK, Level.CRITICAL]
    assert [row.level for row in offsite_rows([good, bad])] == [Level.OK, Level.CRITICAL]
    assert "--send" in notify_rows([TargetFact("phone", None, False)])[0].text


def test_summary() -> None:
    rows = [Row("a", Level.OK, ""), Row("b", Level.CRITICAL, ""), Row("c", Level.OK, "")]
    assert summary(rows) == "3 lines: 2 ok, 1 FAIL"
