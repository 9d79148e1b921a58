"""A wall clock that is wrong at the start or set while running: nothing is lost or false."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daemon.backup.make import make_backup
from daemon.backup.verification.verified import VERIFIED
from daemon.protocol.control import BackupRequest, Done, SilenceRequest
from daemon.store.records import AlertRecord
from daemon.store.writer import StoreWriter
from tests.daemon.faketime import WallClock, wall_clock
from tests.daemon.harness import ROOT, Home, config_text, save_checkpoint
from tests.waiting import eventually

__all__ = ["wall_clock"]

HOUR_S, DAY_S = 3600.0, 86_400.0
STEPS_S = {"+1h": HOUR_S, "-1h": -HOUR_S, "+1d": DAY_S, "+40d": 40 * DAY_S, "-1y": -365 * DAY_S}
AGES_DAYS = (29.99, 20.0, 10.0, 1.0)  # backup.keep_days is 30
CRASHES = """
[[alerts]]
name = "crashed"
metric = "trainer/crashes_24h"
comparison = "above"
threshold = 0.0
for_s = 0.0
severity = "critical"
summary = "The trainer crashed"
[[alerts]]
name = "later"
metric = "time/fps"
comparison = "below"
threshold = 1e12
for_s = 1800.0
severity = "warning"
summary = "Too slow"
[notify]
group_wait_s = 0.0
repeat_interval_s = 7200.0
[[notify.targets]]
name = "down"
command = ["false"]
"""
SWEEPS = "[backup]\nsweep_interval_s = 0.2\nautomatic = ['manual', 'stop']\n"

steps = pytest.mark.parametrize("step_s", STEPS_S.values(), ids=STEPS_S)


def make_backups(home: Home) -> None:
    """Backups near their end, and younger ones."""
    for age_days in AGES_DAYS:
        id_ = save_checkpoint(home.run).id
        created_s = time.time() - age_days * DAY_S
        make_backup(home.paths, home.run, id_, home.paths.backups, created_s=created_s)


def backups(home: Home) -> set[str]:
    return {p.name for p in (home.paths.backups / home.run.id).iterdir() if p.is_dir()}


def configure(home: Home, max_crashes: int) -> None:
    text = config_text(max_crashes=max_crashes).replace("alerts = []\n", "")
    home.config.write_text(text + CRASHES)


def pass_one_round(home: Home) -> None:
    """Wait until a daemon with SWEEPS has pruned and then verified backups once more."""
    verified(home).unlink(missing_ok=True)
    eventually(verified(home).exists, "a round of pruning and verifying")


def verified(home: Home) -> Path:
    return home.paths.backups / home.run.id / VERIFIED


def pass_rounds(home: Home, count: int = 5) -> None:
    """Wait for rounds of the monitor: each judges all alerts."""
    seen = set()

    def probe() -> bool:
        resources = home.status().resources
        seen.add(resources.time_s if resources else None)
        return len(seen) > count

    eventually(probe, "rounds of the monitor")


def landerctl(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "landerctl", *arguments, "--home", str(home.paths.home)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def firing(home: Home) -> list[AlertRecord]:
    return [alert for alert in home.status().alerts if alert.state == "firing"]


@steps
def test_started_with_a_wrong_clock_a_daemon_removes_no_backup(
    home: Home, wall_clock: WallClock, step_s: float
) -> None:
    home.config.write_text(config_text() + SWEEPS)
    make_backups(home)
    home.stop(home.started())
    store = StoreWriter.open(home.paths.store)
    store.add_event("run.started", "nearly a month ago", time_s=time.time() - 29.99 * DAY_S)
    store.close()
    before = backups(home)
    wall_clock.set(step_s)
    daemon = home.started()
    assert home.event("clock.jumped").body["by_s"] == pytest.approx(step_s, abs=30.0)
    pass_one_round(home)
    home.trainer_state("RUNNING")
    assert isinstance(home.ask(BackupRequest())[-1], Done)
    assert "the clock jumped" in landerctl(home, "status").stdout
    check = landerctl(home, "check", "clock")
    assert (check.returncode, "the clock jumped" in check.stdout) == (1, True)
    home.stop(daemon)
    assert backups(home) >= before

    during = backups(home)
    wall_clock.set(0.0)
    for _ in range(2):  # the second time, the newest backup is not one of the wrong clock
        daemon = home.started()
        home.event("clock.trusted")
        pass_one_round(home)
        home.stop(daemon)
    assert backups(home) >= during
    assert home.events("backup.pruned") == []
    assert "nearly a month ago" in [event.text for event in home.events("run.started")]


def test_a_person_confirms_the_clock(home: Home, wall_clock: WallClock) -> None:
    make_backups(home)
    daemon = home.started()
    eventually(verified(home).exists, "the daemon's first round")
    home.stop(daemon)
    verified(home).unlink()
    before = backups(home)
    wall_clock.set(40 * DAY_S)
    daemon = home.started()
    home.event("clock.jumped")
    eventually(verified(home).exists, "the daemon's first round")
    refused = landerctl(home, "backup", "prune")
    assert (refused.returncode, "--trust-clock" in refused.stderr) == (1, True), refused.stderr
    assert backups(home) == before
    confirmed = landerctl(home, "backup", "prune", "--trust-clock")
    assert confirmed.returncode == 0, confirmed.stderr
    assert len(backups(home)) < len(before)
    home.event("clock.trusted")
    assert landerctl(home, "check", "clock").returncode == 0
    home.stop(daemon)


@steps
def test_a_clock_that_is_set_ends_and_begins_nothing(
    home: Home, wall_clock: WallClock, step_s: float
) -> None:
    """A crash's alert fires, its notice cannot be delivered, something else is silenced."""
    configure(home, max_crashes=3)
    daemon = home.started()
    trainer = home.trainer_state("RUNNING").trainer
    assert trainer is not None and trainer.pid is not None
    os.kill(trainer.pid, signal.SIGKILL)
    home.event("notify.failed")
    home.event("trainer.running", 2)
    home.ask(SilenceRequest("other-*", HOUR_S, "me", "known"))
    wall_clock.set(step_s)
    home.event("clock.jumped")
    configure(home, max_crashes=4)  # what has failed is tried again
    daemon.send_signal(signal.SIGHUP)
    home.event("config.reloaded")
    eventually(lambda: home.status().outbox[0].tries >= 2, "the notice is tried again")
    pass_rounds(home)
    same(home, wall_clock)

    home.stop(daemon)
    home.started()
    pass_rounds(home)
    same(home, wall_clock)
    assert len(home.events("notify.failed")) == 1


def same(home: Home, wall_clock: WallClock) -> None:
    """The alert fires and its notice waits, once; the silence has most of its hour left."""
    status = home.status()
    assert [alert.name for alert in firing(home)] == ["crashed"]
    assert [event.body["alert"] for event in home.events("alert.firing")] == ["crashed"]
    assert home.events("alert.resolved", "notify.dropped") == []
    assert [(notice.alert, notice.kind) for notice in status.outbox] == [("crashed", "firing")]
    [silence] = status.silences
    assert HOUR_S - 300.0 < silence.until_s - wall_clock.now_s() <= HOUR_S + 60.0
