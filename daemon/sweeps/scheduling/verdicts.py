"""Verdicts of successive halving, and the sentences that explain verdicts to an operator."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.scheduling.standing import Standing, paused_at
from daemon.sweeps.spec.schema import Objective


def best_continue(
    order: Sequence[Standing], continuing: int, steps: tuple[int, int], objective: Objective
) -> list[Verdict]:
    """On the paused trials of `order`, best first: the first `continuing` groups continue.

    `steps`: the rung and the next one.
    """
    rung, next_rung = steps
    best = f"the best {continuing} continue" if continuing > 1 else "only the best continues"
    return [
        Verdict(
            trial=trial.number,
            steps=rung,
            kind="continue" if rank <= continuing else "stop",
            target_steps=next_rung if rank <= continuing else 0,
            reason=f"{ordinal(rank)} of {len(order)} at {rung:,} steps: "
            f"{measured(one, objective)}, {best}",
        )
        for rank, one in enumerate(order, start=1)
        for trial in paused_at(one.trials, rung)
    ]


def measured(one: Standing, objective: Objective) -> str:
    """The value by which a group is judged: ``gate 1.5 (mean of 2 of 3 seeds)``."""
    if one.mean is None:
        return f"{objective.metric} could not be measured"
    text = f"{objective.metric} {one.mean:.6g}"
    count = len(one.trials)
    if count == 1:
        return text
    known = count - round(one.score[0] * count)
    return f"{text} (mean of {f'{known} of ' if known < count else ''}{count} seeds)"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    last = 0 if 10 <= number % 100 <= 20 else number % 10
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(last, 'th')}"
