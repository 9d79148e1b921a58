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
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Event
from landerctl.cli.shared.event_stream import POLL_S, follow
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.status_report import Overview, overview
from landerctl.fast_path.summary import summary

EXAMPLES = examples(
    "landerctl watch",
    "landerctl watch --interval 60 >>training.log",
    "landerctl watch --json | jq --unbuffered .status.progress.success_rate",
)
# Told at once, apart from whatever is a warning or worse.
NEWS = (
    "alert.resolved",
    "daemon.stopped",
    "rollback.done",
    "run.completed",
    "stage.passed",
    "trainer.running",
)
LASTING_KINDS = ("gate", "final", "stop")


def watch(
    context: typer.Context,
    *,
    interval_s: Annotated[
        float,
        typer.Option("--interval", min=POLL_S, help="Time between two lines.", metavar="SECONDS"),
    ] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print a line every few seconds and at every event that matters, where no screen is.

    Ends with the run or the daemon.
    """
    paths = open_session(context, home, config).paths
    try:
        with _open_store(paths) as store:
            return _watch(paths, store, interval_s, as_json)
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def matters(event: Event) -> bool:
    """Whether an event is told at once."""
    if event.name == "checkpoint.saved":
        return event.body.get("kind") in LASTING_KINDS
    return event.severity != "info" or event.name in NEWS


def ends_with(view: Overview) -> int | None:
    """The exit code with which the watching ends here; None: there is more to come."""
    if view.state == "stopped":
        return Exit.OK
    if view.state not in ("running", "starting"):
        return view.exit_code
    trainer = view.status.trainer if view.status else None
    if view.state == "running" and trainer is not None and trainer.state in ("EXITED", "FATAL"):
        return view.exit_code
    return None


def _open_store(paths: StatePaths) -> StoreReader:
    """The store, waited for where a daemon starts for the first time.

    Raises Failure and StoreError.
    """
    pause = Pause()
    while lock_is_held(paths):
        try:
            return StoreReader.open(paths.store)
        except StoreMissingError:
            pause.wait(POLL_S)
    raise Failure(
        f"{paths.home}: no daemon runs here; `landerctl start` starts one", Exit.NOT_RUNNING
    )


def _watch(paths: StatePaths, store: StoreReader, interval_s: float, as_json: bool) -> int:
    newest = store.events(limit=1)
    due_s, told, ran = 0.0, None, False
    for events in follow(store, newest[-1].id if newest else 0):
        news = [event for event in events if matters(event)]
        if not as_json:
            for event in news:
                print(f"{clock(event.time_s)}  {event.name}: {event.text}", flush=True)
        view = overview(gather(paths, time.time()), str(paths.home))
        # A daemon that ends closes its record an instant before it frees the lock.
        if view.state == "starting" and ran:
            continue
        ran |= view.state == "running"
        end, phase = ends_with(view), _phase(view)
        if news or phase != told or time.monotonic() >= due_s or end is not None:
            line = msgspec.json.encode(view).decode() if as_json else summary(view)
            print(line, flush=True)
            due_s, told = time.monotonic() + interval_s, phase
        if end is not None:
            return end
    raise AssertionError("following never ends by itself")


def _phase(view: Overview) -> tuple[str | None, ...] | None:
    """What a trainer that does not train (yet) does: each is told as it begins."""
    trainer = view.status.trainer if view.status else None
    if view.state != "running" or trainer is None or trainer.state == "RUNNING":
        return None
    return trainer.state, trainer.phase, trainer.phase_detail
