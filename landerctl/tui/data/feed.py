"""The reader's thread: looks about once a second, posts what is new; or a moment of the past."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from textual.message import Message

from daemon.store.reader import StoreError
from landerctl.tui.data.past.travel import NothingRecordedError, ToRun, Travel
from landerctl.tui.data.plotted import Wanted
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot, SnapshotTaken

if TYPE_CHECKING:  # few ever look at the past
    from landerctl.tui.data.past.reader import PastReader

INTERVAL_S = 1.0
# Figures that changed are shown this often, as btop and htop do; news is shown at once.
FIGURES_INTERVAL_S = 1.5  # with reads a second apart: every 2 s
# What only grew older: while the data is new, seconds count, later minutes.
AGES_INTERVAL_S, OLD_AGES_INTERVAL_S = 10.0, 60.0
OLD_S = 600.0
# Nothing moves in the past, but alerts of now are named there.
PAST_INTERVAL_S = 15.0
JOIN_TIMEOUT_S = 3.0


class FeedFailed(Message):
    """An exception ended the reader's thread: the screen would no longer update."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__()
        self.fault = fault


class TravelFailed(Message):
    """There is nothing to show where the operator wanted to go; `text` says why in one line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PageRead(Message):
    """What a page's `read` returned, or the one line that says why it failed."""

    def __init__(self, read: Callable[[Snapshot], object], data: Any, fault: str | None) -> None:
        super().__init__()
        self.read = read
        self.data = data
        self.fault = fault


class Feed:
    """Runs a reader in its own thread until stopped.

    Not a Textual worker: Textual waits for its workers when the operator quits.
    """

    def __init__(
        self,
        reader: SnapshotReader,
        open_past: Callable[[], PastReader],
        post: Callable[[Message], bool],
    ) -> None:
        """`open_past` is called when the past is first shown."""
        self._reader = reader
        self._open_past = open_past
        self._at_s: float | None = None  # the moment of the past that is shown
        self._opened: str | None = None  # the run that was opened there, until the next step
        self._travels: deque[Travel] = deque()
        self._post = post
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._page: Callable[[Snapshot], object] | None = None
        self._thread = threading.Thread(target=self._run, name="tui-feed", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def read_for(self, page: Callable[[Snapshot], object] | None) -> None:
        """Read by `page` too after each snapshot from now on, beginning with one at once."""
        self._page = page
        self.read_now()

    def travel(self, travel: Travel) -> None:
        """Go to another moment, and read what was there until the next such call."""
        self._travels.append(travel)
        self.read_now()

    def want(self, wanted: Wanted) -> None:
        """Read these series too from now on, beginning at once."""
        self._reader.wanted = wanted
        self.read_now()

    def run(self, task: Callable[[], None]) -> None:
        """Run a short task that waits for a disk in this thread, in order, before it ends."""
        self._tasks.put(task)
        self.read_now()

    def read_now(self) -> None:
        """Read now rather than at the end of the interval."""
        self._wanted.set()

    def stop(self) -> None:
        """Stop after the current read, and join the thread."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        try:
            self._read_until_stopped()
        except BaseException as fault:
            self._post(FeedFailed(fault))
            raise

    def _read_until_stopped(self) -> None:
        posted: Snapshot | None = None
        while not self._stopped.is_set():
            asked = self._wanted.is_set()
            self._wanted.clear()
            self._run_tasks()
            # The first one comes soon, the next one at once.
            snapshot = self._read(whole=posted is not None)
            if posted is None:
                self._wanted.set()
            if asked or posted is None or shows_more(snapshot, posted):
                posted = snapshot
                self._post(SnapshotTaken(snapshot))
            if (page := self._page) is not None:
                self._post(_read_page(page, snapshot))
            if not self._stopped.is_set():
                self._wanted.wait(INTERVAL_S if snapshot.at_s is None else PAST_INTERVAL_S)
        self._run_tasks()

    @cached_property
    def _past(self) -> PastReader:
        return self._open_past()

    def _run_tasks(self) -> None:
        while not self._tasks.empty():
            self._tasks.get()()

    def _read(self, *, whole: bool) -> Snapshot:
        """The snapshot of the moment to be shown; of now if the past cannot be read."""
        try:
            while self._travels:
                travel = self._travels.popleft()
                self._at_s = self._past.arrive(self._at_s, travel)
                self._opened = travel.run_id if isinstance(travel, ToRun) else None
        except NothingRecordedError as nothing:
            self._travels.clear()
            self._post(TravelFailed(str(nothing)))
        except StoreError as error:
            self._travels.clear()
            self._at_s = None
            self._post(TravelFailed(str(error)))
        if self._at_s is not None:
            try:
                return self._past.read(self._at_s, self._reader.wanted, self._opened)
            except (StoreError, OSError) as error:
                self._at_s = None
                self._post(TravelFailed(str(error)))
        return self._reader.read(whole=whole)


def shows_more(new: Snapshot, old: Snapshot) -> bool:
    """Whether a snapshot has to be shown in place of the last one that was shown."""
    passed_s = new.read_s - old.read_s
    old_data = (new.situation.data_age_s or 0.0) >= OLD_S
    if passed_s >= (OLD_AGES_INTERVAL_S if old_data else AGES_INTERVAL_S):
        return True
    if passed_s < 0.0 or _news(new) != _news(old):
        return True
    if new.startup is not None or (new.rollback is not None and new.rollback.in_progress):
        return True
    if passed_s < FIGURES_INTERVAL_S:
        return False
    return replace(new, read_s=old.read_s, situation=old.situation) != old


def _news(snapshot: Snapshot) -> tuple[object, ...]:
    """What is shown at once when it changes: all but figures and ages."""
    status = snapshot.status
    return (
        snapshot.at_s,
        (snapshot.situation.daemon, snapshot.situation.level),
        status.run,
        status.trainer and status.trainer.state,
        status.progress and (status.progress.stage, status.progress.gate_passed),
        [(alert.name, alert.state, alert.acknowledged) for alert in status.alerts],
        status.silences,
        snapshot.events,
        snapshot.restorables,
        snapshot.damaged,
        snapshot.rollback,
    )


def _read_page(read: Callable[[Snapshot], object], snapshot: Snapshot) -> PageRead:
    try:
        return PageRead(read, read(snapshot), None)
    except (StoreError, OSError) as error:
        return PageRead(read, None, str(error))
