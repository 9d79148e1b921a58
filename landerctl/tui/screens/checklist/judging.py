"""Judges the checklist for its page, seldom: it costs some tenths of a second of a core."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checks.checklist.gather import gather_facts
from checks.checklist.golive.verdict import Verdict
from checks.checklist.ledger.record import Record
from checks.checklist.reviews.earlier import reviews_of
from checks.checklist.table.all import LINES
from daemon.base.paths import StatePaths
from landerctl.drills.catalog import USUAL_S
from landerctl.fast_path.checklist.report import ChecklistReport, report
from landerctl.operations.decision.burn_in import BurnInOutput, describe
from landerctl.operations.decision.judged import decide_on
from landerctl.tui.data.snapshot import Snapshot

INTERVAL_S = 60.0
TIME_SHARE = 0.01  # of the time, judging may take so much on a slow machine
SHORTEST_S = 5.0  # between two judgements, whatever changes
REVIEWS = 10


@dataclass(frozen=True)
class Judged:
    """The checklist as it was judged at `report.time_s`."""

    report: ChecklistReport
    verdict: Verdict
    burn_in: BurnInOutput | None  # None: no run
    reviews: tuple[Record, ...]  # newest first


class ChecklistReader:
    """Judges when the evidence has changed, when asked, or after INTERVAL_S. Not thread-safe.

    `now` returns Unix time in seconds, `monotonic` a monotonic time in seconds.
    """

    def __init__(
        self, paths: StatePaths, *, now: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._paths = paths
        self._now = now
        self._monotonic = monotonic
        self._judged: Judged | None = None
        self._of: object = None
        self._ended_s = self._due_s = 0.0
        self.asked = False  # set it to judge at the next read

    def read(self, snapshot: Snapshot) -> Judged | None:
        """The newest judgement; None for a moment of the past: lines are judged of now only.

        Raises OSError if the state folder cannot be read.
        """
        if snapshot.at_s is not None:
            return None
        of = self._evidence(snapshot)
        now_s = self._monotonic()
        changed = of != self._of and now_s >= self._ended_s + SHORTEST_S
        if self._judged is None or self.asked or changed or now_s >= self._due_s:
            self.asked, self._of = False, of
            self._judged = self._judge()
            self._ended_s = self._monotonic()
            took_s = self._ended_s - now_s
            self._due_s = self._ended_s + max(INTERVAL_S, took_s / TIME_SHARE)
        return self._judged

    def _judge(self) -> Judged:
        facts = gather_facts(self._paths, self._now(), (), os.environ)
        if facts.evidence.home_problem:
            raise OSError(facts.evidence.home_problem)
        decision = decide_on(facts, USUAL_S)
        reviews = tuple(reviews_of(facts.ledger, facts.address.run))
        return Judged(
            report(LINES, decision.judgements, facts, str(self._paths.home)),
            decision.verdict,
            describe(facts),
            reviews[:REVIEWS],
        )

    def _evidence(self, snapshot: Snapshot) -> object:
        """Differs once a line may have another state for a reason that no clock brings."""
        status, judged = snapshot.status, snapshot.status.checklist
        return (
            _stamp(self._paths.ledger),
            _stamp(self._paths.incidents),
            None if judged is None else (judged.counts, judged.problem),
            status.run,
            None if status.daemon is None else (status.daemon.started_s, status.daemon.stopped_s),
            None if status.trainer is None else status.trainer.state,
            [(alert.name, alert.state) for alert in status.alerts],
            snapshot.gates_passed[-1:],
        )


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
