"""The coordinator's loop: observe, record, decide, start, propose; again after a pause."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from daemon.config import ConfigError
from daemon.sweeps.coordinator import deciding, step
from daemon.sweeps.coordinator.book import Book, Changes
from daemon.sweeps.coordinator.orders import order
from daemon.sweeps.coordinator.room import MARGIN, Room
from daemon.sweeps.coordinator.work import StuckError, Work
from daemon.sweeps.engines.engine import EngineError, TrialReport
from daemon.sweeps.records import Leg, Note, Trial, TrialState
from daemon.sweeps.search.propose import all_proposed
from daemon.sweeps.store.sweep_store import FullError

_log = logging.getLogger("daemon.sweeps.coordinator")
ENGINE_RETRY_S = 30.0  # until an engine that could not be used is asked again
CPU_SHARE = 0.04  # of a core, that polls may take; they become rarer instead,
LONGEST = 5.0  # up to so many times the usual pause


class Coordinator:
    """Carries one sweep out. Every method raises SweepStoreError, other than FullError."""

    def __init__(self, work: Work, book: Book) -> None:
        self._work, self._book = work, book
        self._limits = work.spec.limits
        self._began_s = work.clock.monotonic_s() - book.running_s
        self._reports: dict[int, TrialReport] = {}  # not in the store yet
        self._undecided = True  # something happened since the scheduler was asked
        self._not_before_s: dict[int, float] = {}  # of trials that failed
        self._engine_rest_s = 0.0  # until then the engine is not asked for slots
        self._engine_fault = ""
        self._room = Room()
        self._paused = self._paused_notified = False  # as the notes say
        self._asked_to_stop: set[int] = set()
        self._fruitless: dict[int, int] = {}  # ends in a row, unasked, without a step or a failure
        self._idle = False  # the engine has room, and there was nothing to start
        self._resumed = False
        self._out_of_time = False

    # -- the loop ---------------------------------------------------------------------------------

    def run(self, wait: Callable[[float], bool], poll_s: float) -> bool:
        """Work until every trial has ended (True), or until `wait` (s) says to stop (False).

        Raises StuckError and SearchError. The engine is closed.
        """
        try:
            ended = self._work_on(wait, poll_s)
        finally:
            self._work.engine.close()
        if not ended:
            self._record_stop("stopped; `landerctl sweep resume` continues")
        return ended

    def _work_on(self, wait: Callable[[float], bool], poll_s: float) -> bool:
        while True:
            began_s = self._work.clock.cpu_s()
            if self.poll():
                return True
            took_s = self._work.clock.cpu_s() - began_s
            if wait(poll_s * min(max(1.0, took_s / CPU_SHARE / poll_s), LONGEST)):
                return False

    def _resume(self) -> None:
        """Let the trials of a dead coordinator wait again; say that the sweep begins or resumes."""
        if self._resumed:
            return
        running = self._book.among(TrialState.RUNNING)
        kind, text = "began", f"began on the engine {self._work.engine.name}"
        if self._book.trials:
            kind, text = "resumed", f"resumed on the engine {self._work.engine.name}"
        if running:
            text += f"; {len(running)} trials were running and continue"
        again = [step.waiting_again(t, "its coordinator ended; continues") for t in running]
        self._write("resumed", Changes(trials=again, notes=[self._note(kind, text)]))
        self._resumed = True

    def poll(self) -> bool:
        """One round; returns whether every trial has ended."""
        self._observe()
        try:
            self._resume()
            self._record()
            self._decide()
            self._look_at_limits()
            self._idle = False
            if self._out_of_time:
                self._end_what_waits()
            elif self._may_start():
                self._start()
            if self._is_over():
                self._write("noted", Changes(notes=[self._note("ended", self._summary())]))
                self._work.notify("firing", "info", self._summary())
                return True
        except FullError as error:
            _log.warning("%s", error)
            self._room = self._room.full(self._work.clock.monotonic_s())
            with suppress(FullError):
                self._say_if_paused()
        if self._room.pressure == "stop running legs" or self._out_of_time:
            self._stop_running()
        return False

    def _record_stop(self, why: str) -> None:
        """Every trial has saved and ended. A full disk loses the record, not the work: the next
        coordinator asks each trial what it has trained.
        """
        self._observe()
        try:
            self._record()
            left = [step.waiting_again(t, why) for t in self._book.among(TrialState.RUNNING)]
            self._write("noted", Changes(trials=left, notes=[self._note("stopped", why)]))
        except FullError as error:
            _log.warning("%s", error)

    # -- the parts of a round ---------------------------------------------------------------------

    def _observe(self) -> None:
        try:
            for report in self._work.engine.observe():
                self._reports[report.trial] = report
        except EngineError as error:
            self._engine_failed(error)

    def _record(self) -> None:
        trials: list[Trial] = []
        legs: list[Leg] = []
        for report in self._reports.values():
            trial = self._book.trials[report.trial]
            outcome = step.after_report(
                trial,
                report,
                self._book.before(trial.number),
                self._limits,
                self._work.clock.unix_s(),
            )
            if outcome.trial is not trial:
                trials.append(outcome.trial)
            if outcome.leg is not None:
                legs.append(outcome.leg)
        if trials:
            failures = deciding.failures(self._work, self._book, trials)
            self._write("observed", Changes(trials=trials, legs=legs, decisions=failures))
        self._reports.clear()
        for trial in trials:
            if trial.state is not TrialState.RUNNING:
                self._ended_running(trial)

    def _ended_running(self, trial: Trial) -> None:
        self._undecided = True
        asked = trial.number in self._asked_to_stop
        self._asked_to_stop.discard(trial.number)
        if trial.state is TrialState.FAILED:
            self._work.notify("firing", "warning", f"trial {trial.number} failed: {trial.reason}")
        # Such as one whose own disk, or the user's quota, is full: no failure, and none soon ends.
        further = asked or trial.state is not TrialState.WAITING or trial.steps > trial.placed_steps
        fruitless = 0 if further else self._fruitless.get(trial.number, 0) + 1
        self._fruitless[trial.number] = fruitless
        if delays := max(trial.attempts, fruitless):
            now_s = self._work.clock.monotonic_s()
            self._not_before_s[trial.number] = now_s + step.delay_s(delays)
        level = logging.WARNING if trial.state is TrialState.FAILED else logging.INFO
        _log.log(level, "trial %d: %s: %s", trial.number, trial.state, trial.reason)

    def _decide(self) -> None:
        if not self._undecided:
            return
        changes = deciding.verdicts(self._work, self._book)
        if changes.decisions:
            self._write("decided", changes)
        self._undecided = bool(changes.decisions)  # one may make others possible

    def _look_at_limits(self) -> None:
        clock, limits = self._work.clock, self._limits
        now_s, free_gb = clock.monotonic_s(), self._work.free_gb()
        self._room = self._room.seen(free_gb, limits.min_free_disk_gb, now_s)
        hours = (now_s - self._began_s) / 3600.0
        if limits.hours is not None and hours >= limits.hours and not self._out_of_time:
            self._out_of_time = True
            text = f"limits.hours ({limits.hours:g} h) is reached: its trials save and end"
            self._write("noted", Changes(notes=[self._note("limit", text)]))
            self._work.notify("firing", "info", text)
        self._say_if_paused()

    def _say_if_paused(self) -> None:
        paused = self._room.pressure != "none"
        if paused == self._paused:
            return
        free_gb, limit_gb = self._work.free_gb(), self._limits.min_free_disk_gb
        kind, text = "continued", f"continues: {free_gb:.3g} GB of the disk are free"
        if paused:
            kind = "paused"
            text = (
                f"paused: its disk is full or nearly ({free_gb:.3g} GB free): free more than "
                f"limits.min_free_disk_gb ({limit_gb:g} GB), and it continues by itself"
                if free_gb < limit_gb * MARGIN
                else f"paused: its disk is full for this user, who may have a quota ({free_gb:.3g} "
                "GB of the disk are free): make room, and it continues by itself"
            )
        if paused != self._paused_notified:  # also of a disk that is too full for the note
            self._work.notify("firing" if paused else "resolved", "critical", text)
            self._paused_notified = paused
        self._write("noted", Changes(notes=[self._note(kind, text)]))
        self._paused = paused

    def _may_start(self) -> bool:
        return (
            self._room.pressure == "none" and self._work.clock.monotonic_s() >= self._engine_rest_s
        )

    def _end_what_waits(self) -> None:
        waiting = self._book.among(TrialState.WAITING, TrialState.PAUSED)
        if waiting:
            ended = [step.ended_early(trial, "limits.hours is reached") for trial in waiting]
            self._write("decided", Changes(trials=ended))

    def _start(self) -> None:
        try:
            slots = self._work.engine.slots()
        except EngineError as error:
            self._engine_failed(error)
            return
        if self._engine_fault:
            self._work.notify("resolved", "warning", "its engine can be used again")
            self._engine_fault = ""
        free = slots - self._book.count(TrialState.RUNNING)
        if free <= 0:
            return
        now_s = self._work.clock.monotonic_s()
        ready = [
            trial
            for trial in self._book.among(TrialState.WAITING)
            if self._not_before_s.get(trial.number, 0.0) <= now_s
        ]
        ready = sorted(ready, key=step.start_order)[:free]
        new = deciding.proposals(self._work, self._book, free - len(ready))
        if new.trials:
            self._write("proposed", new)
            self._undecided = True  # all may be proposed now
        self._idle = not (ready or new.trials)
        self._begin([*ready, *new.trials])

    def _begin(self, trials: Sequence[Trial]) -> None:
        orders, refused = [], []
        for trial in trials:
            running = step.started(trial)
            try:
                orders.append(
                    (running, order(self._work.sweep, self._work.spec, self._work.base, running))
                )
            except ConfigError as error:
                refused.append(step.cannot_fly(trial, str(error)))
        if not (orders or refused):
            return
        self._write(
            "starting",
            Changes(
                trials=[*(trial for trial, _ in orders), *refused],
                decisions=deciding.failures(self._work, self._book, refused),
            ),
        )
        for trial in refused:
            self._ended_running(trial)
        for place, (_, one) in enumerate(orders):
            try:
                self._work.engine.start(one)
            except EngineError as error:
                self._engine_failed(error)
                # Reported as if by the engine: recorded at the next round, on a full disk later.
                self._reports |= {
                    trial.number: TrialReport(
                        trial=trial.number,
                        epoch=trial.epoch,
                        steps=trial.steps,
                        metrics={},
                        ended="stopped",
                        reason=str(error),
                    )
                    for trial, _ in orders[place:]
                }
                return

    def _stop_running(self) -> None:
        for trial in self._book.among(TrialState.RUNNING):
            if trial.number not in self._asked_to_stop:
                self._asked_to_stop.add(trial.number)
                self._work.engine.stop(trial.number)

    def _is_over(self) -> bool:
        book = self._book
        if self._undecided or book.count(TrialState.RUNNING, TrialState.WAITING):
            return False
        paused = book.count(TrialState.PAUSED)
        if not paused and (self._out_of_time or all_proposed(self._work.spec, book.trials)):
            return True
        if self._idle:
            raise StuckError(
                f"nothing runs, {paused} trials are paused, and neither the scheduler nor the "
                "sampler goes on; `landerctl sweep show` has the decisions"
            )
        return False

    # -- small things -----------------------------------------------------------------------------

    def _write(self, name: str, changes: Changes) -> None:
        self._book.write(name, changes, self._work.clock.monotonic_s() - self._began_s)

    def _engine_failed(self, error: EngineError) -> None:
        self._engine_rest_s = self._work.clock.monotonic_s() + ENGINE_RETRY_S
        if str(error) != self._engine_fault:
            self._engine_fault = str(error)
            self._work.notify("firing", "warning", self._engine_fault)
            _log.error("%s; tried again every %g s", error, ENGINE_RETRY_S)

    def _note(self, kind: str, text: str) -> Note:
        _log.info("%s", text)
        return Note(time_s=self._work.clock.unix_s(), kind=kind, text=text)

    def _summary(self) -> str:
        counts = {s: self._book.count(s) for s in TrialState if self._book.count(s)}
        return "ended: " + ", ".join(f"{count} {state}" for state, count in counts.items())
