"""Compares a sweep's sets of values: what `landerctl sweep compare` and its files show. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from daemon.runs.statistics.bootstrap import bootstrap_interval
from daemon.runs.statistics.interquartile import interquartile_mean
from daemon.runs.statistics.intervals import Interval
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import Objective, SweepSpec
from landerctl.operations.compare.tables import ComparedTable
from landerctl.operations.sweeps.results import lines, tables, wording
from landerctl.operations.sweeps.results.best import RankedSet, ranked
from landerctl.operations.sweeps.results.differences import SetDifference, differences
from landerctl.operations.sweeps.results.standings import standings

MOST_SHOWN = 20  # sets in a table; interquartile means are calculated for these only


class SweepComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the sets of values reached, the best first, and how it differs from the others."""

    objectives: tuple[Objective, ...]
    sets: tuple[RankedSet, ...]
    differences: tuple[SetDifference, ...]
    states: dict[str, int]  # trials by state
    unjudged: int  # sets of which a trial has not ended a leg yet
    forked: int  # trials that continue another one's policy
    machines: tuple[str, ...]  # on which the compared legs were trained

    def verdict(self) -> tuple[str, str]:
        """A few words, and what follows them: which set is better, and by how much."""
        return wording.verdict(self.objectives, self.sets, self.differences)

    def remarks(self) -> list[str]:
        """What to know of the figures: tests and what they assume, what is not exact."""
        return [
            *wording.methods(self.sets, self.differences),
            *wording.cautions(
                self.objectives,
                self.sets,
                states=self.states,
                unjudged=self.unjudged,
                forked=self.forked,
                machines=self.machines,
            ),
        ]

    def tables(self) -> list[ComparedTable]:
        """The best sets; of a single one its seeds."""
        return tables.tables(self.objectives, self.sets[:MOST_SHOWN])

    def lines(self, width: int) -> list[str]:
        """For a terminal of `width` columns."""
        found = lines.rendered(self.tables(), width)
        if len(self.sets) > MOST_SHOWN:
            found.append(f"The best {MOST_SHOWN} of {len(self.sets):,} sets; --json has all.")
        word, sentence = self.verdict()
        texts = [f"{word}. {sentence}", *self.remarks()]
        return [
            *found,
            *[""][: len(found)],
            *(line for text in texts for line in lines.folded(text, width)),
        ]

    def facts(self) -> dict[str, Any]:
        """Everything, as JSON prints it."""
        word, sentence = self.verdict()
        texts = {"verdict": word, "statement": sentence, "remarks": self.remarks()}
        facts: dict[str, Any] = msgspec.to_builtins(self, str_keys=True)
        return facts | texts


def comparison(spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg]) -> SweepComparison:
    """Compare what a sweep has so far; without a leg, of nothing."""
    ordered = standings(spec, trials, legs)
    names = [objective.metric for objective in spec.objectives]
    sets = [
        msgspec.structs.replace(one, interquartile=_interquartile(one, names))
        if place < MOST_SHOWN
        else one
        for place, one in enumerate(ranked(spec, ordered))
    ]
    used = {(result.trial, one.steps) for one in ordered for result in one.results}
    machines = {leg.machine for leg in legs if (leg.trial, leg.steps) in used and leg.machine}
    return SweepComparison(
        objectives=tuple(spec.objectives),
        sets=tuple(sets),
        differences=tuple(differences(spec, trials, legs, ordered)),
        states=dict(Counter(str(trial.state) for trial in trials)),
        unjudged=len({trial.group for trial in trials}) - len(ordered),
        forked=sum(trial.parent is not None for trial in trials),
        machines=tuple(sorted(machines)),
    )


def _interquartile(one: RankedSet, names: Sequence[str]) -> dict[str, Interval]:
    values = {name: list(one.standing.values(name).values()) for name in names}
    return {
        name: bootstrap_interval(interquartile_mean, [known])
        for name, known in values.items()
        if known
    }
