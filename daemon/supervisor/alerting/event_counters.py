"""Metrics counted from events, for alert rules: crashes per day, consecutive failures, open signs.

Pure: metrics depend on the counted events and the clock. A new supervisor counts the last day's
events from the store first, so that a restart loses nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from daemon.store.records import Body, Event

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
SIGNS = ("kl", "value_loss", "reward")  # of divergence, as named in training.diverging

# Metric: the event that is counted, and the window in seconds.
RECENT: Mapping[str, tuple[str, float]] = {
    "trainer/crashes_1h": ("trainer.crashed", HOUR_S),
    "trainer/crashes_24h": ("trainer.crashed", DAY_S),
    "training/not_finite_1h": ("training.not_finite", HOUR_S),
    "daemon/recoveries_24h": ("daemon.recovered", DAY_S),
}
# Metric: the event that counts up, and the one that resets it to 0.
CONSECUTIVE: Mapping[str, tuple[str, str]] = {
    "checkpoint/failures": ("checkpoint.failed", "checkpoint.saved"),
    "backup/failures": ("backup.failed", "backup.made"),
}
GIVEN_UP = "trainer/given_up"
COUNTED = frozenset(
    {name for name, _ in RECENT.values()} | {name for pair in CONSECUTIVE.values() for name in pair}
) | {
    "trainer.fatal",
    "trainer.running",
    "run.completed",
    "run.paused",
    "training.diverging",
    "training.steady",
    "backup.damaged",
    "backup.repaired",
    "run.started",
    "rollback.done",
}


class EventCounters:
    """Counters of the events so far."""

    def __init__(self, events: Iterable[tuple[Event, float]] = ()) -> None:
        """`events`: those of earlier sessions, each with its time by this session's clock."""
        self._recent: dict[str, deque[float]] = {metric: deque() for metric in RECENT}
        self._consecutive = dict.fromkeys(CONSECUTIVE, 0)
        self._given_up = False
        self._open: dict[str, bool] = {}
        self._damaged: set[str] = set()  # backups
        for event, time_s in events:
            self.note(event.name, time_s, event.body)
        # Those of before and after a jump of the wall clock may have changed places.
        self._recent = {metric: deque(sorted(times)) for metric, times in self._recent.items()}

    def note(self, name: str, time_s: float, body: Body | None) -> None:
        """Count an event that happened at `time_s` (monotonic)."""
        for metric, (counts, _) in RECENT.items():
            if name == counts:
                self._recent[metric].append(time_s)
        for metric, (up, zero) in CONSECUTIVE.items():
            if name == up:
                self._consecutive[metric] += 1
            elif name == zero:
                self._consecutive[metric] = 0
        if name in ("trainer.fatal", "trainer.running", "run.completed", "run.paused"):
            self._given_up = name == "trainer.fatal"
        if name in ("training.diverging", "training.steady"):
            self._open[str((body or {}).get("sign"))] = name == "training.diverging"
        elif name in ("run.started", "rollback.done"):
            self._open.clear()
        if name == "backup.damaged":
            self._damaged.add(str((body or {}).get("id")))
        elif name == "backup.repaired":
            self._damaged.discard(str((body or {}).get("id")))

    def metrics(self, now_s: float) -> dict[str, float]:
        """The metrics at `now_s` (monotonic)."""
        values: dict[str, float] = {}
        for metric, times in self._recent.items():
            while times and now_s - times[0] > RECENT[metric][1]:
                times.popleft()
            values[metric] = float(len(times))
        values |= {metric: float(count) for metric, count in self._consecutive.items()}
        values["backup/damaged"] = float(len(self._damaged))
        values[GIVEN_UP] = float(self._given_up)
        values |= {f"divergence/{sign}": float(self._open.get(sign, False)) for sign in SIGNS}
        return values
