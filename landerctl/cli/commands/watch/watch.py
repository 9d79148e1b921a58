"""`landerctl watch`."""

from __future__ import annotations

import time
from threading import Event as Pause
from typing import Annotated

import msgspec
import typer

from checks.gather import gather
from checks.wording import clock
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Event
from landerctl.cli.shared.event_stream import POLL_S, follow
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.status_report import Overview, overview
from landerctl.fast_path.summary import summary
from landerctl.presentation.startup_rows import milestone

EXAMPLES = examples(
    "landerctl watch",
    "landerctl watch --interval 60 >>training.log",
    "landerctl watch --json | jq --unbuffered .status.progress.success_rate",
)
# Printed at once, as are all warnings and critical events.
NOTABLE_EVENTS = (
    "alert.resolved",
    "daemon.stopped",
    "review.done",
    "rollback.done",
    "run.completed",
    "stage.passed",
    "trainer.running",
    "warmstart.cloned",
)
NOTABLE_CHECKPOINTS = ("gate", "final", "stop")


def watch(
    context: typer.Context,
    *,
    interval_s: Annotated[
        float,
        typer.Option(
            "--interval", min=POLL_S, help="Seconds between two lines.", metavar="SECONDS"
        ),
    ] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print a status line every few seconds and every important event, for use without a screen.

    Exits when the run is completed or the daemon ends.
    """
    paths = open_session(context, home, config).paths
    try:
        with _open_store(paths) as store:
            return _watch(paths, store, interval_s, as_json)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def is_notable(event: Event) -> bool:
    """Whether an event is printed at once."""
    if event.name == "checkpoint.saved":
        return event.body.get("kind") in NOTABLE_CHECKPOINTS
    return event.severity != "info" or event.name in NOTABLE_EVENTS


def final_exit_code(view: Overview) -> int | None:
    """The exit code if run or daemon has ended; None to continue."""
    if view.state == "stopped":
        return Exit.OK
    if view.state not in ("running", "silent", "starting"):
        return view.exit_code
    trainer = view.status.trainer if view.status else None
    if view.state == "running" and trainer is not None and trainer.state in ("EXITED", "FATAL"):
        return view.exit_code
    return None


def _open_store(paths: StatePaths) -> StoreReader:
    """Open the store; wait for it if a daemon is starting for the first time.

    Raises Failure and StoreError.
    """
    pause = Pause()
    while lock_is_held(paths):
        try:
            return StoreReader.open(paths.store)
        except StoreMissingError:
            pause.wait(POLL_S)
    raise Failure(
        f"{paths.home}: no daemon is running; start one with `landerctl start`", Exit.NOT_RUNNING
    )


def _watch(paths: StatePaths, store: StoreReader, interval_s: float, as_json: bool) -> int:
    newest = store.events(limit=1)
    due_s, printed_phase, ran = 0.0, None, False
    for events in follow(store, newest[-1].id if newest else 0):
        notable = [event for event in events if is_notable(event)]
        if not as_json:
            for event in notable:
                text = one_line(f"{event.name}: {event.text}")
                print(f"{clock(event.time_s)}  {text}", flush=True)
        view = overview(gather(paths, time.time()), str(paths.home))
        # A stopping daemon closes its record shortly before it releases the lock.
        if view.state == "starting" and ran:
            continue
        ran |= view.state == "running"
        end, phase = final_exit_code(view), _phase(view)
        if notable or phase != printed_phase or time.monotonic() >= due_s or end is not None:
            line = msgspec.json.encode(view).decode() if as_json else summary(view)
            print(line, flush=True)
            due_s, printed_phase = time.monotonic() + interval_s, phase
        if end is not None:
            return end
    raise AssertionError("follow() never ends")


def _phase(view: Overview) -> tuple[object, ...] | None:
    """The phase of a trainer that is not RUNNING; a line is printed at each change."""
    trainer = view.status.trainer if view.status else None
    if view.state != "running" or trainer is None or trainer.state == "RUNNING":
        return None
    if trainer.startup is not None:
        return trainer.state, milestone(trainer.startup)
    return trainer.state, trainer.phase, trainer.phase_detail
