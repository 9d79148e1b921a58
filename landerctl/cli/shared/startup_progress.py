"""Watching a daemon come up until its training runs."""

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
    """Show the phases; return at the first heartbeat. Raises Failure where that never comes.

    Ctrl-C ends the watching, not the training.
    """
    console = Console(stderr=True, highlight=False)
    try:
        if console.is_terminal:
            with console.status("starting") as spinner:
                _watch(paths, run, spinner.update)
        else:
            _watch(paths, run, _once(console))
    except KeyboardInterrupt:
        console.print("The daemon goes on starting; see `landerctl status`")
        raise


def _watch(paths: StatePaths, run: RunPaths, show: Callable[[str], None]) -> None:
    began_s = time.monotonic()
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
                    f"{run.log}: the trainer cannot run ({trainer.last_exit}); "
                    "after a repair `landerctl stop` and `landerctl start`"
                )
        if not lock_is_held(paths):
            raise Failure(f"{paths.home}: the daemon has ended; see {paths.log}")
        show(f"{_words(status)} ({duration(time.monotonic() - began_s)})")
        pause.wait(POLL_S)


def _status(paths: StatePaths) -> Status | None:
    try:
        with StoreReader.open(paths.store) as reader:
            return reader.status()
    except StoreMissingError:
        return None
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def _words(status: Status | None) -> str:
    trainer = status.trainer if status else None
    if trainer is None:
        return "starting the daemon"
    if trainer.state == "BACKOFF":
        return f"the trainer ended ({trainer.last_exit}), it is started again"
    return f"{trainer.phase or 'starting'} {trainer.phase_detail}".strip()


def _once(console: Console) -> Callable[[str], None]:
    """Print a text that is not the last one printed, apart from its duration."""
    last = ""

    def show(text: str) -> None:
        nonlocal last
        words = text.rpartition(" (")[0]
        if words != last:
            console.print(words, soft_wrap=True)
            last = words

    return show
