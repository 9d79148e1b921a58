"""Exit codes of the trainer process, and what each means to the supervisor."""

from __future__ import annotations

from enum import IntEnum


class TrainerExit(IntEnum):
    """Exit code of a trainer that was not killed. 65 to 78 follow sysexits.h."""

    COMPLETED = 0  # all timesteps done or last stage mastered; final checkpoint saved
    STOPPED = 10  # asked to stop; checkpoint saved
    PAUSED = 12  # trained to the steps of --until; checkpoint saved
    INTERRUPTED = 13  # asked to stop, or orphaned, before there was anything to save
    ORPHANED = 11  # the supervisor's pipe closed; checkpoint saved
    DIVERGED = 65  # EX_DATAERR: non-finite numbers keep coming back; never restarted
    SOFTWARE = 70  # an error in the training; the traceback is in the run's log
    CANNOT_SAVE = 74  # EX_IOERR: a checkpoint could not be written
    CONFIG = 78  # EX_CONFIG: the configuration or the checkpoint cannot be used; never restarted


class CoordinatorExit(IntEnum):
    """Exit code of a sweep's coordinator that was not killed."""

    ENDED = 0  # every trial has ended
    FAILED = 1  # another one runs, or the engine cannot be used
    STOPPED = 10  # asked to stop; every trial has saved and can continue
    STUCK = 70  # trials wait for a decision that nothing can bring about
    CANNOT_SAVE = 74  # EX_IOERR: the sweep's store cannot be read or written
    CONFIG = 78  # EX_CONFIG: the sweep cannot be used as it is


NEVER_RESTART = frozenset({TrainerExit.CONFIG, TrainerExit.DIVERGED})
MEANING: dict[int, str] = {
    TrainerExit.COMPLETED: "training completed",
    TrainerExit.STOPPED: "stopped, checkpoint saved",
    TrainerExit.PAUSED: "paused at the steps that it was to train, checkpoint saved",
    TrainerExit.INTERRUPTED: "stopped before there was anything to save",
    TrainerExit.ORPHANED: "supervisor gone, checkpoint saved",
    TrainerExit.DIVERGED: "training diverged, no checkpoint left to rewind to",
    TrainerExit.SOFTWARE: "training error, see the run's trainer.log",
    TrainerExit.CANNOT_SAVE: "checkpoint could not be written",
    TrainerExit.CONFIG: "configuration or checkpoint cannot be used",
}
