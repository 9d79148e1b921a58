"""How trainer processes end, and what the event log says of it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from daemon.base.exitcodes import MEANING, TrainerExit
from daemon.base.paths import RunPaths
from daemon.protocol.trainer import Progress
from daemon.store.async_recorder import Recorder


@dataclass(frozen=True)
class ProcessExit:
    """How a process ended: `code` is None if it never started; negative ones are signals."""

    code: int | None
    text: str
    healthy_s: float  # time since its first heartbeat


def describe_exit(returncode: int) -> str:
    """A process's end: exit code or signal."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"


def describe_trainer_exit(returncode: int, said: str | None = None) -> str:
    """A trainer's end, what its exit code means, and its own last words where it had any."""
    text = describe_exit(returncode)
    if returncode >= 0:
        text += ": " + MEANING.get(returncode, "unexpected, see the run's trainer.log")
    return f"{text} ({said})" if said else text


def record_requested_exit(recorder: Recorder, end: ProcessExit, reason: str) -> None:
    """It was asked to end. Critical if it did not save, though it had something to save."""
    saved = end.code in (None, TrainerExit.COMPLETED, TrainerExit.STOPPED)
    recorder.event(
        "trainer.exited",
        f"The trainer ended as asked ({reason}): {end.text}",
        severity="info" if saved else "critical",
        body={"exit": end.text},
    )


def record_crash(recorder: Recorder, end: ProcessExit, restart_in_s: float | None) -> None:
    """It ended unasked."""
    then = "" if restart_in_s is None else f"; restart in {restart_in_s:g} s"
    recorder.event(
        "trainer.crashed",
        f"The trainer ended unasked: {end.text}{then}",
        body={"exit": end.text},
    )


def record_giving_up(recorder: Recorder, run: RunPaths, reason: str) -> None:
    """No further restart, and what the user can do."""
    recorder.event(
        "trainer.fatal",
        f"Given up, no further restart: {reason}; see {run.log}, then "
        "`landerctl rollback --to ID`, or `landerctl stop` and `landerctl start`",
        body={"reason": reason},
    )


def record_completion(recorder: Recorder, run: RunPaths, progress: Progress | None) -> None:
    """The run reached its end; `progress` is the last that was heard of it."""
    steps = "" if progress is None else f" at {progress.timesteps:,} steps"
    recorder.event(
        "run.completed",
        f"Run {run.id} is complete{steps}",
        body={"timesteps": progress.timesteps if progress else None},
    )
