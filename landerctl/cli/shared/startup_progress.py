"""Shows a daemon's start-up until training runs."""

from __future__ import annotations

import sys
from threading import Event

from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.processes.ping import ping
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Status
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.presentation.startup_display import StartupDisplay

POLL_S = 0.2
ANSWER_TIMEOUT_S = 30.0  # on a busy machine


def watch_startup(paths: StatePaths, run: RunPaths) -> None:
    """Show the steps; return at the first heartbeat. Raises Failure if the start fails.

    Ctrl-C ends the display, not the training.
    """
    try:
        with StartupDisplay() as display:
            _watch(paths, run, display)
    except KeyboardInterrupt:
        print("The daemon continues to start; see `landerctl status`", file=sys.stderr)
        raise


def _watch(paths: StatePaths, run: RunPaths, display: StartupDisplay) -> None:
    pause = Event()
    while True:
        status = _status(paths)
        trainer = status.trainer if status else None
        if status and trainer and trainer.run_id == run.id:
            if trainer.state == "RUNNING" and trainer.heartbeat_s is not None:
                return
            if trainer.state == "EXITED":
                return
            if trainer.state == "FATAL":
                raise Failure(
                    f"{run.log}: the trainer failed ({trainer.last_exit}); "
                    "fix the cause, then `landerctl stop` and `landerctl start`"
                )
        _check_store(paths)
        if not lock_is_held(paths):
            raise Failure(f"{paths.home}: the daemon has exited; see {paths.log}")
        if trainer is not None and trainer.startup is not None:
            display.show(trainer.startup)
        else:
            display.say(_without_report(status))
        pause.wait(POLL_S)


def _check_store(paths: StatePaths) -> None:
    """Raise Failure if the daemon cannot write its store, which then shows no progress.

    Also if it does not answer.
    """
    asked = ping(paths, ANSWER_TIMEOUT_S)
    if not asked.answered and lock_is_held(paths):
        raise Failure(f"{paths.home}: the daemon does not answer; see {paths.log}", Exit.NO_ANSWER)
    if asked.store_problem is not None:
        raise Failure(
            f"{asked.store_problem}; the daemon starts, but its state cannot be shown",
            Exit.CANNOT_WRITE,
        )


def _status(paths: StatePaths) -> Status | None:
    try:
        with StoreReader.open(paths.store) as reader:
            return reader.status()
    except StoreMissingError:
        return None
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def _without_report(status: Status | None) -> str:
    """What happens while the trainer reports no start."""
    trainer = status.trainer if status else None
    if trainer is None:
        return "starting the daemon"
    if trainer.state == "BACKOFF":
        return f"the trainer exited ({trainer.last_exit}) and is being restarted"
    return trainer.phase_detail or "starting the trainer"
