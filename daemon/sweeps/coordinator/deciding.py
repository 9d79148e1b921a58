"""What is decided, and the records of it: new trials, verdicts on paused ones, trials given up.

Each decision says how many legs had ended, so that it can be made again from those.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.sweeps.coordinator import step
from daemon.sweeps.coordinator.book import Book, Changes
from daemon.sweeps.coordinator.work import StuckError, Work
from daemon.sweeps.records import Decision, Trial, TrialState
from daemon.sweeps.search.propose import all_proposed, propose
from daemon.sweeps.store.sweep_store import FullError

LONGEST_S = 2.0  # for new trials at once: those that run are to be observed meanwhile


def proposals(work: Work, book: Book, count: int) -> Changes:
    """New trials, at most `count`; fewer where the sampler takes long. Raises SearchError."""
    known = list(book.trials) if count > 0 else []
    new: list[Trial] = []
    until_s = work.clock.monotonic_s() + LONGEST_S
    while len(new) < count and (not new or work.clock.monotonic_s() < until_s):
        proposal = propose(work.spec, known, book.legs)
        if proposal is None:
            break
        trial = Trial(
            number=len(known),
            group=proposal.group,
            values=proposal.values,
            seed=proposal.seed,
            target_steps=work.scheduler.first_target_steps(),
        )
        known.append(trial)
        new.append(trial)
    reason = f"by the sampler {work.spec.search.sampler}"
    made = [("propose", trial.number, 0, reason) for trial in new]
    return Changes(trials=new, decisions=_recorded(work, book, made))


def verdicts(work: Work, book: Book) -> Changes:
    """What the scheduler decides about paused trials. Raises StuckError, FullError."""
    trials = book.trials
    made = work.scheduler.decide(trials, book.legs, all_proposed=all_proposed(work.spec, trials))
    changed = [step.after_verdict(trials[one.trial], one) for one in made]
    number = len(trials)
    for one in made:
        if one.kind == "fork":
            assert one.parent is not None
            origin = _pinned(work, trials[one.parent])
            changed.append(step.forked(trials[one.trial], one, number, origin))
            number += 1
    reasons = [(one.kind, one.trial, one.steps, one.reason) for one in made]
    return Changes(trials=changed, decisions=_recorded(work, book, reasons))


def failures(work: Work, book: Book, trials: Sequence[Trial]) -> Sequence[Decision]:
    """The decisions to give those up that have failed."""
    failed = [trial for trial in trials if trial.state is TrialState.FAILED]
    reasons = [("fail", trial.number, trial.target_steps, trial.reason) for trial in failed]
    return _recorded(work, book, reasons)


def _pinned(work: Work, parent: Trial) -> str:
    try:
        return work.pin(parent)
    except (OSError, DamagedCheckpointError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise FullError(f"{parent.place}: {error.strerror}") from None
        raise StuckError(f"trial {parent.number} cannot be forked from: {error}") from None


def _recorded(
    work: Work, book: Book, made: Sequence[tuple[str, int, int, str]]
) -> Sequence[Decision]:
    """Records of decisions: their kinds, trials, rungs (steps) and reasons."""
    now_s, seen = work.clock.unix_s(), len(book.legs)
    return [
        Decision(
            number=number,
            time_s=now_s,
            kind=kind,
            trial=trial,
            steps=steps,
            reason=reason,
            seen=seen,
        )
        for number, (kind, trial, steps, reason) in enumerate(made, book.next_decision)
    ]
