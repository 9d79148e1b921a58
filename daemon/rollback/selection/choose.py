"""The states that a target selects, in the order in which they are tried. Pure.

A state is good if its success rate is not far below the best at the same difficulty. The caller
verifies digests, loading and finite numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from daemon.backup.restoring.restorable import Restorable
from daemon.checkpoint import best
from daemon.checkpoint.manifest import Manifest
from daemon.rollback.selection.target import Best, ById, LastGood, OlderThan, Target

MOST_TRIED = 10  # states that one rollback tries
NOT_ACCEPTED = "imported, and not yet accepted: name it with --to ID, or pin it"


@dataclass(frozen=True)
class Skipped:
    """A state that is not chosen, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Choice:
    """The states to try, best first, and those skipped before the first."""

    candidates: tuple[Restorable, ...]
    skipped: tuple[Skipped, ...]


def choose(
    target: Target,
    states: Sequence[Restorable],
    *,
    now_s: float,
    tolerance: float,
    without: Collection[str] = (),
) -> Choice:
    """The states that a target selects. `without`: ids that must not be chosen.

    `states` in ascending sequence; `tolerance` is a difference of success rates. States that
    an earlier rollback discarded come last. An imported state that nobody accepted is chosen by
    its id only.
    """
    if isinstance(target, ById):
        named = (state for state in states if state.id == target.id and state.id not in without)
        return Choice(tuple(named), ())
    foreign = tuple(Skipped(state.id, NOT_ACCEPTED) for state in states if not state.accepted)
    # Their figures do not count either: they could make every other state look bad.
    states = [state for state in states if state.accepted]
    trunk = lineage(states)
    open_states = [state for state in reversed(states) if state.id not in without]
    open_states.sort(key=lambda state: state.id not in trunk)
    chosen = _among(target, states, open_states, now_s, tolerance)
    return Choice(chosen.candidates, (*foreign, *chosen.skipped))


def _among(
    target: LastGood | Best | OlderThan,
    states: Sequence[Restorable],
    open_states: Sequence[Restorable],
    now_s: float,
    tolerance: float,
) -> Choice:
    match target:
        case LastGood(stage):
            highest = best_success(states)
            return _split(
                [s for s in open_states if stage in (None, s.manifest.stage)],
                lambda manifest: rejection(manifest, highest, tolerance),
            )
        case Best():
            order = best.best_first(state.manifest for state in states)
            ranks = {manifest.id: rank for rank, manifest in enumerate(order)}
            by_merit = sorted(open_states, key=lambda state: ranks[state.id])
            return _split(by_merit, best.unfit_as_best)
        case OlderThan(age_s):
            old = [s for s in open_states if s.manifest.created_s <= now_s - age_s]
            return Choice(tuple(old), ())


def lineage(states: Sequence[Restorable]) -> set[str]:
    """Ids of the states that the newest one descends from; rollbacks discarded the others.

    `states` in ascending sequence.
    """
    return best.lineage([state.manifest for state in states])


def best_success(states: Sequence[Restorable]) -> dict[tuple[int, int], float]:
    """The best success rate at each difficulty, (stage, ramp step)."""
    found: dict[tuple[int, int], float] = {}
    for manifest in (state.manifest for state in states):
        if manifest.success_rate is not None and best.unrated(manifest) is None:
            key = (manifest.stage, manifest.ramp_step)
            found[key] = max(found.get(key, 0.0), manifest.success_rate)
    return found


def rejection(
    manifest: Manifest, highest: Mapping[tuple[int, int], float], tolerance: float
) -> str | None:
    """Why a state is not good; None if it is."""
    if reason := best.unrated(manifest):
        return reason
    assert manifest.success_rate is not None
    at_best = highest.get((manifest.stage, manifest.ramp_step), 0.0)
    if manifest.success_rate < at_best - tolerance:
        return f"success {manifest.success_rate:.0%}, at the same difficulty it was {at_best:.0%}"
    return None


def _split(states: Sequence[Restorable], fault: Callable[[Manifest], str | None]) -> Choice:
    faults = {state.id: fault(state.manifest) for state in states}
    candidates = tuple(state for state in states if faults[state.id] is None)
    skipped = []
    for state in states:
        if (reason := faults[state.id]) is None:
            break
        skipped.append(Skipped(state.id, reason))
    return Choice(candidates, tuple(skipped))
