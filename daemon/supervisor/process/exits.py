"""Describes how trainer processes exit, and records it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from daemon.base.exitcodes import MEANING, TrainerExit
from daemon.base.paths import RunPaths
from daemon.protocol.trainer import Progress
from daemon.store.async_recorder import Recorder

# What there was to save is saved.
_SAVED = (
    TrainerExit.COMPLETED,
    TrainerExit.PAUSED,
    TrainerExit.STOPPED,
    TrainerExit.INTERRUPTED,
)


@dataclass(frozen=True)
class ProcessExit:
    """How a process exited: `code` is None if it never started, negative for a signal."""

    code: int | None
    text: str
    healthy_s: float  # from its first heartbeat to its exit
    saved: bool  # it saved a checkpoint before it exited, or had nothing to save


@dataclass(frozen=True)
class Killed:
    """Why the supervisor killed a trainer."""

    reason: str
    nothing_to_save: bool = False


def never_started(text: str) -> ProcessExit:
    """The "exit" of a process that could not be started, or was not."""
    return ProcessExit(None, text, 0.0, saved=True)


def trainer_exit(
    code: int, *, killed: Killed | None, failed: str | None, has_saved: bool, healthy_s: float
) -> ProcessExit:
    """How a trainer exited. `failed`: its last report; `has_saved`: its last checkpoint.

    A process may exit by itself just before it is killed: then its exit code counts.
    """
    saved = has_saved or code in _SAVED
    if killed is None or code != -signal.SIGKILL:
        return ProcessExit(code, describe_trainer_exit(code, failed), healthy_s, saved)
    if killed.nothing_to_save:
        return ProcessExit(code, f"{killed.reason}, nothing to save", healthy_s, saved=True)
    reason = f"{killed.reason}, after it had saved" if has_saved else killed.reason
    return ProcessExit(code, describe_trainer_exit(code, reason), healthy_s, saved)


def describe_exit(returncode: int) -> str:
    """The exit code or signal as text. Negative codes are signals."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"


def describe_trainer_exit(returncode: int, cause: str | None = None) -> str:
    """The exit as text, with the meaning of the exit code and the cause, if known."""
    text = describe_exit(returncode)
    if returncode >= 0:
        text += ": " + MEANING.get(returncode, "unexpected, see the run's trainer.log")
    return f"{text} ({cause})" if cause else text


def record_requested_exit(
    recorder: Recorder, exit_: ProcessExit, reason: str, trained_s: float | None
) -> None:
    """Record an exit on request; critical if a running trainer did not save.

    `trained_s`, here and below: the training time at its last report.
    """
    recorder.event(
        "trainer.exited",
        f"The trainer exited as requested ({reason}): {exit_.text}",
        severity="info" if exit_.saved else "critical",
        body={"exit": exit_.text, "trained_s": trained_s},
    )


def record_interruption(
    recorder: Recorder, exit_: ProcessExit, restart_in_s: float, trained_s: float | None
) -> None:
    """Record that it saved and exited on a signal that was not the supervisor's."""
    recorder.event(
        "trainer.interrupted",
        f"A signal asked the trainer to save and exit ({exit_.text}); restart in "
        f"{restart_in_s:g} s; `landerctl stop` ends training",
        body={"exit": exit_.text, "trained_s": trained_s},
    )


def record_crash(
    recorder: Recorder, exit_: ProcessExit, restart_in_s: float | None, trained_s: float | None
) -> None:
    """Record an unexpected exit."""
    then = "" if restart_in_s is None else f"; restart in {restart_in_s:g} s"
    recorder.event(
        "trainer.crashed",
        f"The trainer exited unexpectedly: {exit_.text}{then}",
        body={"exit": exit_.text, "trained_s": trained_s},
    )


def record_giving_up(recorder: Recorder, run: RunPaths, reason: str) -> None:
    """Record that it is not restarted, and what the user can do."""
    recorder.event(
        "trainer.fatal",
        f"The trainer is not restarted: {reason}; see {run.log}, then "
        "`landerctl rollback --to ID`, or `landerctl stop` and `landerctl start`",
        body={"reason": reason},
    )


def record_completion(
    recorder: Recorder, run: RunPaths, progress: Progress | None, *, paused: bool
) -> None:
    """Record that the run is complete, or `paused`; `progress` is its last report."""
    steps = "" if progress is None else f" at {progress.timesteps:,} steps"
    recorder.event(
        "run.paused" if paused else "run.completed",
        f"Run {run.id} {'pauses' if paused else 'is complete'}{steps}",
        body={
            "timesteps": progress.timesteps if progress else None,
            "trained_s": progress.trained_s if progress else None,
        },
    )
