"""What the state of affairs is, in words, and what to do about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from pathlib import Path

from checks.liveness import last_sign_of_life_s
from checks.wording import duration
from daemon.store.records import DaemonStatus, Status, TrainerStatus


class Daemon(Enum):
    """The daemon's state as it can be told from the kernel's lock and the store."""

    NEVER_STARTED = "never started"
    STARTING = "starting"
    UP = "up"
    STALE = "silent"
    STOPPED = "stopped"
    DIED = "died"
    UNREADABLE = "unreadable"


class Level(IntEnum):
    """How much a banner matters."""

    NONE = 0
    NOTE = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True)
class Situation:
    """The daemon's state, whether figures are live, and the one banner that matters most."""

    daemon: Daemon
    level: Level
    banner: str  # empty: all is well
    advice: str  # what to do next; empty: nothing
    data_age_s: float | None  # None: there is no data

    @property
    def live(self) -> bool:
        """Whether what the screen shows is of now."""
        return self.daemon in {Daemon.UP, Daemon.STARTING}


def assess(
    status: Status | None,
    *,
    fault: str | None,
    lock_held: bool,
    orphaned: bool,
    now_s: float,
    stale_after_s: float,
    log: Path,
) -> Situation:
    """Judge what was read at `now_s` (Unix).

    `fault`: why the store could not be read, None where it was read or is not there yet.
    `orphaned`: the daemon is gone, but its trainer still lives.
    `stale_after_s`: age from which a living daemon's data is called silent.
    """
    newest_s = last_sign_of_life_s(status)
    age_s = None if newest_s is None else max(0.0, now_s - newest_s)
    if fault is not None:
        return Situation(
            Daemon.UNREADABLE, Level.CRITICAL, f"Store unreadable: {fault}", f"see {log}", age_s
        )
    daemon = status.daemon if status else None
    if not lock_held:
        return _gone(daemon, orphaned, age_s, now_s)
    if status is None or daemon is None or daemon.stopped_s is not None:
        # The lock is taken before the new supervisor's first words reach the store.
        return Situation(Daemon.STARTING, Level.NOTE, "Daemon is starting", "", age_s)
    if age_s is not None and age_s > stale_after_s:
        return Situation(
            Daemon.STALE,
            Level.WARNING,
            f"Data is {duration(age_s)} old: the daemon lives but writes nothing",
            f"see {log}",
            age_s,
        )
    level, banner, advice = _trainer_banner(status.trainer, now_s)
    if level is Level.NONE and daemon.config_error:
        level, banner = Level.WARNING, f"Configuration refused: {daemon.config_error}"
        advice = "the old settings stay in force"
    return Situation(Daemon.UP, level, banner, advice, age_s)


def _gone(
    daemon: DaemonStatus | None, orphaned: bool, age_s: float | None, now_s: float
) -> Situation:
    if daemon is None:
        return Situation(
            Daemon.NEVER_STARTED,
            Level.NOTE,
            "No daemon has run here yet",
            "start one: landerctl start",
            age_s,
        )
    if daemon.stopped_s is not None:
        reason = f" ({daemon.stop_reason})" if daemon.stop_reason else ""
        return Situation(
            Daemon.STOPPED,
            Level.NOTE,
            f"Daemon stopped cleanly {duration(now_s - daemon.stopped_s)} ago{reason}",
            "resume: landerctl start",
            age_s,
        )
    seen = "" if age_s is None else f", last sign of life {duration(age_s)} ago"
    return Situation(
        Daemon.DIED,
        Level.CRITICAL,
        f"Daemon died without a stop{seen}",
        "its trainer still saves and ends by itself; then: landerctl start"
        if orphaned
        else "its trainer has ended too; resume: landerctl start",
        age_s,
    )


def _trainer_banner(trainer: TrainerStatus | None, now_s: float) -> tuple[Level, str, str]:
    if trainer is None:
        return Level.NONE, "", ""
    exit_words = trainer.last_exit or "no exit recorded"
    if trainer.state == "FATAL":
        return (
            Level.CRITICAL,
            f"Trainer given up: {exit_words}",
            "see the run's trainer.log, then: landerctl stop; landerctl start",
        )
    if trainer.state == "BACKOFF":
        wait = ""
        if trainer.restart_at_s is not None:
            wait = f"next attempt in {duration(trainer.restart_at_s - now_s)}"
        return Level.WARNING, f"Trainer crashed: {exit_words}", wait
    if trainer.state == "EXITED":
        return Level.NOTE, f"Trainer ended: {exit_words}", ""
    return Level.NONE, "", ""


def trainer_words(trainer: TrainerStatus | None, situation: Situation, now_s: float) -> str:
    """The trainer's state and phase, e.g. ``trainer STARTING compiling 12 s``."""
    if trainer is None:
        return "no trainer yet"
    if situation.daemon is Daemon.STOPPED:
        return f"trainer {trainer.state if trainer.state in {'EXITED', 'FATAL'} else 'STOPPED'}"
    if not situation.live:
        return f"trainer was {trainer.state}"
    words: list[str] = ["trainer", trainer.state]
    if trainer.phase and trainer.state in {"STARTING", "RUNNING", "STOPPING"}:
        words.append(trainer.phase)
    if trainer.state in {"STARTING", "STOPPING"}:
        words.append(duration(now_s - trainer.since_s))
    return " ".join(words)
