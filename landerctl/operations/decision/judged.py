"""Every line of the checklist judged on collected facts, and the decision on them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks.checklist.facts import Facts
from checks.checklist.golive.verdict import Verdict, decide
from checks.checklist.judge import Judgement, judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.loosened import loosened
from checks.checklist.table.all import LINES

_HOUR_S = 3600.0


@dataclass(frozen=True)
class Decision:
    """The verdict and what it was made of."""

    facts: Facts
    judgements: Mapping[str, Judgement]
    verdict: Verdict


def decide_on(facts: Facts, drills_s: Mapping[str, float]) -> Decision:
    """Judge every line by these facts, and decide. `drills_s`: how long each usually takes."""
    judgements = judge_all(LINES, JUDGES, facts)
    verdict = decide(
        judgements,
        facts,
        took_s=_took_s(facts, judgements, drills_s),
        loosened=list(loosened(facts).values()),
    )
    return Decision(facts, judgements, verdict)


def _took_s(
    facts: Facts, judgements: Mapping[str, Judgement], drills_s: Mapping[str, float]
) -> dict[str, float]:
    """By remedy, how long it takes: a drill as the last time, the burn-in what it lacks."""
    found = {}
    for drill, usual_s in drills_s.items():
        record = facts.ledger.newest("drill", drill)
        found[f"landerctl drill {drill}"] = record.entry.took_s if record else usual_s
    figures = judgements["golive.burn-in"].outcome.figures
    needed_h, trained_h = figures.get("needed_hours"), figures.get("hours")
    if isinstance(needed_h, float) and isinstance(trained_h, float):
        found["landerctl burn-in"] = max(0.0, needed_h - trained_h) * _HOUR_S
    return found
