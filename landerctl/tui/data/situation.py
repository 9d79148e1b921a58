"""Derives the daemon's state, the most important banner and the advice for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from pathlib import Path

from checks.liveness import last_sign_of_life_s
from checks.wording import duration
from daemon.base.exitcodes import MEANING, TrainerExit
from daemon.store.records import DaemonStatus, Status, TrainerStatus


class Daemon(Enum):
    """The daemon's state, derived from the kernel's lock and the store."""

    NEVER_STARTED = "never started"
    STARTING = "starting"
    UP = "up"
    STALE = "silent"
    STOPPED = "stopped"
    DIED = "died"
    UNREADABLE = "unreadable"


ANSWERING = frozenset({Daemon.UP, Daemon.STARTING, Daemon.STALE})


class Level(IntEnum):
    """Severity of the banner."""

    NONE = 0
    NOTE = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True)
class Situation:
    """The daemon's state, the age of the data, and the most important banner."""

    daemon: Daemon
    level: Level
    banner: str  # empty: no problem
    advice: str  # what to do next; empty: nothing
    data_age_s: float | None  # None: no data

    @property
    def answers(self) -> bool:
        """Whether a daemon may answer a request."""
        return self.daemon in ANSWERING

    @property
    def live(self) -> bool:
        """Whether the shown data is current."""
        return self.daemon in {Daemon.UP, Daemon.STARTING}


def assess(
    status: Status | None,
    *,
    fault: str | None,
    lock_held: bool,
    orphaned: bool,
    now_s: float,
    stale_after_s: float,
    silent: bool,
    log: Path,
) -> Situation:
    """Assess what was read at `now_s` (Unix time, s).

    `fault`: why the store could not be read; None if it was read or does not exist yet.
    `orphaned`: the daemon has died, but its trainer still runs.
    `stale_after_s`: data age above which a running daemon counts as silent.
    `silent`: it did not answer when it was asked, either.
    """
    newest_s = last_sign_of_life_s(status)
    age_s = None if newest_s is None else max(0.0, now_s - newest_s)
    if fault is not None:
        return Situation(
            Daemon.UNREADABLE, Level.CRITICAL, f"Store unreadable: {fault}", f"see {log}", age_s
        )
    daemon = status.daemon if status else None
    if not lock_held:
        return _assess_stopped(daemon, orphaned, age_s, now_s)
    if status is None or daemon is None or daemon.stopped_s is not None:
        # A new supervisor takes the lock before it writes its first event to the store.
        return Situation(Daemon.STARTING, Level.NOTE, "Daemon is starting", "", age_s)
    if silent:
        return Situation(
            Daemon.STALE,
            Level.CRITICAL,
            f"Daemon does not answer since {duration(age_s or 0.0)}",
            "what is shown is old; landerctl stop --force ends it",
            age_s,
        )
    if age_s is not None and age_s > stale_after_s:
        return Situation(
            Daemon.STALE,
            Level.WARNING,
            f"Data is {duration(age_s)} old: the daemon runs but writes nothing",
            "landerctl check store says why",
            age_s,
        )
    level, banner, advice = _trainer_banner(status.trainer, now_s)
    if level is Level.NONE and daemon.config_error:
        level, banner = Level.WARNING, f"Configuration refused: {daemon.config_error}"
        advice = "the old settings stay in use"
    return Situation(Daemon.UP, level, banner, advice, age_s)


def _assess_stopped(
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
    last_seen = "" if age_s is None else f", last sign of life {duration(age_s)} ago"
    return Situation(
        Daemon.DIED,
        Level.CRITICAL,
        f"Daemon died unexpectedly{last_seen}",
        "its trainer still saves and then exits; after that: landerctl start"
        if orphaned
        else "its trainer has exited too; resume: landerctl start",
        age_s,
    )


def _trainer_banner(trainer: TrainerStatus | None, now_s: float) -> tuple[Level, str, str]:
    if trainer is None:
        return Level.NONE, "", ""
    exit_text = trainer.last_exit or "no exit recorded"
    if trainer.state == "FATAL":
        return (
            Level.CRITICAL,
            f"Trainer failed, no more restarts: {exit_text}",
            "see the run's trainer.log, then: landerctl stop; landerctl start",
        )
    if trainer.state == "BACKOFF":
        wait = ""
        if trainer.restart_at_s is not None:
            wait = f"next restart in {duration(trainer.restart_at_s - now_s)}"
        return Level.WARNING, f"Trainer crashed: {exit_text}", wait
    if trainer.frozen is not None:
        banner = f"Trainer is frozen: {trainer.frozen}"
        return Level.WARNING, banner, f"continue a stopped one: kill -CONT -- -{trainer.pid}"
    if trainer.state == "EXITED":
        return Level.NOTE, *_ended(exit_text)
    return Level.NONE, "", ""


def _ended(exit_text: str) -> tuple[str, str]:
    """Banner and advice for a trainer that has ended by itself or was asked to."""
    if exit_text.endswith(MEANING[TrainerExit.COMPLETED]):
        return "Training completed", "landerctl evaluate best measures it; then landerctl stop"
    return f"Trainer ended: {exit_text}", "resume: landerctl stop; landerctl start"


def trainer_text(trainer: TrainerStatus | None, situation: Situation, now_s: float) -> str:
    """The trainer's state and phase, e.g. ``trainer STARTING compiling 12 s``."""
    if trainer is None:
        return "no trainer yet"
    if situation.daemon is Daemon.STOPPED:
        return f"trainer {trainer.state if trainer.state in {'EXITED', 'FATAL'} else 'STOPPED'}"
    if not situation.live:
        return f"trainer was {trainer.state}"
    parts: list[str] = ["trainer", trainer.state]
    if trainer.phase and trainer.state in {"STARTING", "RUNNING", "STOPPING"}:
        parts.append(trainer.phase)
    if trainer.state in {"STARTING", "STOPPING"}:
        parts.append(duration(now_s - trainer.since_s))
    return " ".join(parts)
