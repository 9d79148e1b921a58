"""Shows a daemon's start-up until training runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from rich.console import Console

from checks.wording import duration
from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Status
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

POLL_S = 0.2


def watch_startup(paths: StatePaths, run: RunPaths) -> None:
    """Show the phases; return at the first heartbeat. Raises Failure if the start fails.

    Ctrl-C ends the display, not the training.
    """
    console = Console(stderr=True, highlight=False)
    try:
        if console.is_terminal:
            with console.status("starting") as spinner:
                _watch(paths, run, spinner.update)
        else:
            _watch(paths, run, _print_changes(console))
    except KeyboardInterrupt:
        console.print("The daemon continues to start; see `landerctl status`")
        raise


def _watch(paths: StatePaths, run: RunPaths, show: Callable[[str], None]) -> None:
    start_s = time.monotonic()
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
        if not lock_is_held(paths):
            raise Failure(f"{paths.home}: the daemon has exited; see {paths.log}")
        show(f"{_phase_text(status)} ({duration(time.monotonic() - start_s)})")
        pause.wait(POLL_S)


def _status(paths: StatePaths) -> Status | None:
    try:
        with StoreReader.open(paths.store) as reader:
            return reader.status()
    except StoreMissingError:
        return None
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def _phase_text(status: Status | None) -> str:
    trainer = status.trainer if status else None
    if trainer is None:
        return "starting the daemon"
    if trainer.state == "BACKOFF":
        return f"the trainer exited ({trainer.last_exit}) and is being restarted"
    return f"{trainer.phase or 'starting'} {trainer.phase_detail}".strip()


def _print_changes(console: Console) -> Callable[[str], None]:
    """A function that prints a text if it differs from the last one, ignoring the duration."""
    last = ""

    def show(text: str) -> None:
        nonlocal last
        phase = text.rpartition(" (")[0]
        if phase != last:
            console.print(phase, soft_wrap=True)
            last = phase

    return show
