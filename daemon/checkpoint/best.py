"""Which state of a run is the best: one definition, for evaluating, flying, rollbacks and pruning.

Each evaluation of the mean action, on seeds that training never uses, saves a checkpoint of kind
`best` if it beats those before it: a higher stage, else a higher lower bound of the success rate's
95% interval, else of the reward's. So the newest of kind best is the best one.

Before the first such evaluation it is the state of the highest stage and ramp step with the highest
success rate in training, of MIN_EPISODES or more; then by mean reward; among equal ones the newest.
States that a rollback discarded come after all others. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from daemon.base.text.counted import counted
from daemon.checkpoint.manifest import Manifest

MIN_EPISODES = 50  # with fewer, a success rate is too uncertain: its standard deviation is 7 points


def best_first(states: Iterable[Manifest]) -> list[Manifest]:
    """A run's states in the order of merit."""
    ordered = sorted(states, key=lambda manifest: manifest.sequence)
    trunk = lineage(ordered)
    return sorted(ordered, key=lambda manifest: _merit(manifest, trunk), reverse=True)


def best_of(states: Iterable[Manifest]) -> Manifest | None:
    """The best of a run's states; None if none can count as the best."""
    return next((one for one in best_first(states) if unfit_as_best(one) is None), None)


def unrated(manifest: Manifest) -> str | None:
    """Why a state's success rate in training says nothing; None if it does."""
    success = manifest.success_rate
    if success is None or math.isnan(success) or manifest.episodes < MIN_EPISODES:
        return f"only {counted(manifest.episodes, 'episode')} flown at its difficulty"
    if not math.isfinite(manifest.reward_mean or 0.0):
        return "its mean reward is not finite"
    return None


def unfit_as_best(manifest: Manifest) -> str | None:
    """Why a state cannot count as the best; None if it can."""
    return None if manifest.kind == "best" else unrated(manifest)


def lineage(states: Sequence[Manifest]) -> set[str]:
    """Ids of the states that the newest one descends from; rollbacks discarded the others.

    `states` in ascending sequence. Where the state rolled back to is pruned, those before it count
    as its ancestors.
    """
    found: set[str] = set()
    highest = math.inf  # the sequence rolled back to: those in between were discarded
    for manifest in reversed(states):
        if manifest.sequence > highest:
            continue
        found.add(manifest.id)
        number = (manifest.restored_from or "").partition("-")[0]
        highest = int(number) if number.isdecimal() else math.inf
    return found


def _merit(manifest: Manifest, trunk: set[str]) -> tuple[float, ...]:
    kept = manifest.id in trunk
    if manifest.kind == "best":
        return kept, 2, manifest.stage, manifest.sequence
    if unrated(manifest) is not None:
        return kept, 0, manifest.sequence
    reward = -math.inf if manifest.reward_mean is None else manifest.reward_mean
    success = manifest.success_rate or 0.0
    return kept, 1, manifest.stage, manifest.ramp_step, success, reward, manifest.sequence
