"""How far the last rollback is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checks.wording import duration, percent
from daemon.rollback.journal import ENDED, Journal, Step
from daemon.store.records import TrainerStatus
from landerctl.presentation.startup_rows import AHEAD, CURRENT, OVER, StepRow

# The step in progress, counted from 0, while the journal is at one of its steps. The journal does
# not distinguish the first three and the last two: see `current_step`.
_FIRST: dict[Step, int] = {"staging": 0, "stopped": 3, "swapping": 4, "swapped": 5}
_LOAD_TEST, _STOP_TRAINER, _CONFIRM = 1, 2, 6


@dataclass(frozen=True)
class RollbackSeen:
    """The last rollback of the run, and what else says how far it is."""

    journal: Journal
    staged: bool  # whether the state has been copied beside the checkpoints
    watch_s: float  # how long training is watched afterwards

    @property
    def in_progress(self) -> bool:
        """Whether training has not resumed from the state yet."""
        return self.journal.step in _FIRST

    @property
    def shown(self) -> bool:
        """Whether it is in progress, or training is watched after it."""
        return self.journal.step not in ENDED


def current_step(seen: RollbackSeen, trainer: TrainerStatus | None) -> int:
    """The index in `STEPS` of the step in progress."""
    step = _FIRST[seen.journal.step]
    state = trainer.state if trainer is not None else None
    if step == 0 and seen.staged:
        stops = seen.journal.was_training and state != "RUNNING"
        return _STOP_TRAINER if stops else _LOAD_TEST
    if seen.journal.step == "swapped" and state in ("STARTING", "RUNNING"):
        return _CONFIRM
    return step


def rollback_rows(seen: RollbackSeen, trainer: TrainerStatus | None) -> list[StepRow]:
    """All steps: those that are over, the one in progress, those ahead."""
    current = current_step(seen, trainer)
    from daemon.rollback.steps import STEPS  # noqa: PLC0415 - what executes them, for their names

    marks = [OVER] * current + [CURRENT] + [AHEAD] * (len(STEPS) - current - 1)
    return [StepRow(mark, step.name, "") for mark, step in zip(marks, STEPS, strict=True)]


def headline(seen: RollbackSeen, trainer: TrainerStatus | None, now_s: float) -> str:
    """The rollback in one line: how far it is, or how training goes on after it."""
    journal = seen.journal
    undo = journal.verb == "undo"
    if seen.in_progress:
        step = f"step {current_step(seen, trainer) + 1} of {len(rollback_rows(seen, trainer))}"
        doing = "Undoing, back" if undo else "Rolling back"
        return f"{doing} to {journal.to.id} · {step} · {duration(now_s - journal.began_s)}"
    since_s = now_s - (journal.running_s or now_s)
    did = "Undone, back" if undo else "Rolled back"
    return f"{did} to {journal.to.id} {duration(since_s)} ago · u undoes it"


def outcome(seen: RollbackSeen, now_s: float) -> str:
    """What is known of the training after a rollback, and for how long it is watched."""
    journal = seen.journal
    evaluation = "first evaluation running"
    if journal.success_rate is not None:
        evaluation = f"first evaluation landed {percent(journal.success_rate)}"
    left_s = seen.watch_s - (now_s - (journal.running_s or now_s))
    watched = f"watched for another {duration(left_s)}" if left_s > 0.0 else "report due"
    return f"{evaluation} · {watched} · requested by {journal.by}"
