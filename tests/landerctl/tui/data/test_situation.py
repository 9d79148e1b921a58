from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.store.records import DaemonStatus, ResourceStatus, Status, TrainerStatus
from landerctl.tui.data.situation import Daemon, Level, Situation, assess, trainer_text

NOW_S = 1_000_000.0
DAEMON = DaemonStatus(1, NOW_S - 500.0, None, None, (1.0, 2.0), None, None, None)
TRAINER = TrainerStatus(
    "RUNNING", NOW_S - 400.0, 2, "run", "learning", "", 0, None, None, NOW_S - 1.0
)
RESOURCES = ResourceStatus(NOW_S - 1.0, 1.0, 1.0, 1.0, 1.0, 1, 1, 1, 1, 2)
HEALTHY = Status(DAEMON, TRAINER, None, RESOURCES, [], [], [], None)


def judge(
    status: Status | None,
    *,
    lock: bool = True,
    orphaned: bool = False,
    silent: bool = False,
    fault: str | None = None,
) -> Situation:
    return assess(
        status,
        fault=fault,
        lock_held=lock,
        orphaned=orphaned,
        now_s=NOW_S,
        stale_after_s=15.0,
        silent=silent,
        log=Path("supervisor.log"),
    )


def with_daemon(**changes: object) -> Status:
    return msgspec.structs.replace(HEALTHY, daemon=msgspec.structs.replace(DAEMON, **changes))


def with_trainer(**changes: object) -> Status:
    return msgspec.structs.replace(HEALTHY, trainer=msgspec.structs.replace(TRAINER, **changes))


SILENT = msgspec.structs.replace(
    HEALTHY, resources=msgspec.structs.replace(RESOURCES, time_s=NOW_S - 45.0)
)


def test_a_daemon_that_does_not_answer_is_critical() -> None:
    situation = judge(SILENT, silent=True)
    assert (situation.daemon, situation.level) == (Daemon.STALE, Level.CRITICAL)
    assert "does not answer since 45 s" in situation.banner and "--force" in situation.advice
    assert not situation.live


def test_a_healthy_run_has_no_banner() -> None:
    situation = judge(HEALTHY)
    assert (situation.daemon, situation.level, situation.banner) == (Daemon.UP, Level.NONE, "")
    assert situation.live
    assert situation.data_age_s == 1.0


@pytest.mark.parametrize(
    ("status", "lock", "daemon", "level", "words"),
    [
        (None, False, Daemon.NEVER_STARTED, Level.NOTE, "No daemon has run here yet"),
        (None, True, Daemon.STARTING, Level.NOTE, "starting"),
        (HEALTHY, False, Daemon.DIED, Level.CRITICAL, "died unexpectedly"),
        (with_daemon(stopped_s=NOW_S - 60.0), True, Daemon.STARTING, Level.NOTE, "starting"),
        (SILENT, True, Daemon.STALE, Level.WARNING, "45 s old"),
        (SILENT, False, Daemon.DIED, Level.CRITICAL, "last sign of life 45 s ago"),
    ],
)
def test_the_state_of_the_daemon(
    status: Status | None, lock: bool, daemon: Daemon, level: Level, words: str
) -> None:
    situation = judge(status, lock=lock)
    assert (situation.daemon, situation.level) == (daemon, level)
    assert words in situation.banner


def test_a_frozen_trainer_has_a_banner_with_a_way_out() -> None:
    situation = judge(with_trainer(frozen="stopped by a signal"))
    assert (situation.daemon, situation.level) == (Daemon.UP, Level.WARNING)
    assert situation.banner == "Trainer is frozen: stopped by a signal"
    assert situation.advice.endswith("kill -CONT -- -2")


def test_a_clean_stop_says_why_and_how_to_resume() -> None:
    situation = judge(with_daemon(stopped_s=NOW_S - 120.0, stop_reason="asked"), lock=False)
    assert situation.daemon is Daemon.STOPPED
    assert situation.banner == "Daemon stopped cleanly 2 min ago (asked)"
    assert "landerctl start" in situation.advice
    assert not situation.live


def test_a_dead_daemons_trainer_is_not_forgotten() -> None:
    assert "still saves" in judge(HEALTHY, lock=False, orphaned=True).advice
    assert "has exited too" in judge(HEALTHY, lock=False).advice


def test_an_unreadable_store_has_the_highest_priority() -> None:
    situation = judge(HEALTHY, fault="store.db: is damaged")
    assert situation.daemon is Daemon.UNREADABLE
    assert "store.db: is damaged" in situation.banner


def test_the_trainers_failures_are_distinguished() -> None:
    fatal = judge(with_trainer(state="FATAL", last_exit="exit code 70: training error"))
    assert fatal.level is Level.CRITICAL
    assert "exit code 70" in fatal.banner
    backoff = judge(
        with_trainer(state="BACKOFF", last_exit="killed by SIGKILL", restart_at_s=NOW_S + 4.0)
    )
    assert backoff.level is Level.WARNING
    assert "killed by SIGKILL" in backoff.banner
    assert backoff.advice == "next restart in 4 s"


def test_a_trainer_that_has_ended_says_what_to_do_next() -> None:
    completed = judge(with_trainer(state="EXITED", last_exit="exit code 0: training completed"))
    assert (completed.level, completed.banner) == (Level.NOTE, "Training completed")
    assert "landerctl evaluate best" in completed.advice
    stopped = judge(with_trainer(state="EXITED", last_exit="exit code 10: stopped"))
    assert stopped.banner == "Trainer ended: exit code 10: stopped"
    assert "landerctl start" in stopped.advice


def test_a_refused_configuration_is_shown_if_nothing_is_worse() -> None:
    situation = judge(with_daemon(config_error="config.toml: run.stage = 9"))
    assert situation.level is Level.WARNING
    assert "run.stage = 9" in situation.banner


def test_the_trainers_text_never_says_running_without_a_daemon() -> None:
    assert trainer_text(TRAINER, judge(HEALTHY), NOW_S) == "trainer RUNNING learning"
    assert trainer_text(TRAINER, judge(HEALTHY, lock=False), NOW_S) == "trainer was RUNNING"
    stopped = judge(with_daemon(stopped_s=NOW_S), lock=False)
    assert trainer_text(TRAINER, stopped, NOW_S) == "trainer STOPPED"


def test_startup_shows_its_duration() -> None:
    starting = msgspec.structs.replace(
        TRAINER, state="STARTING", phase="compiling", since_s=NOW_S - 12.0
    )
    assert trainer_text(starting, judge(HEALTHY), NOW_S) == "trainer STARTING compiling 12 s"
