"""Judges of the lines "When to Rollback": each holds while there is no reason to roll back.

What happened before the run's last rollback is answered, and does not count.
"""

from __future__ import annotations

import math

from checks.checklist.collected.symptoms import rolled_back_s
from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import DAY_S, LiveJudge
from checks.wording import duration, number
from daemon.base.text.counted import counted
from daemon.config.schema import AlertRule
from daemon.protocol.finding import Figure
from daemon.store.records import Event, Sample

DIVERGED_RULE = "reward-diverged"
_NOT_STARTED = Outcome("open", "nothing has been trained: `landerctl start`")


def crashes(facts: Facts) -> Outcome:
    """Fewer than `rollback_crashes` crashes within 24 h."""
    if not _has_trained(facts):
        return _NOT_STARTED
    found = _recent(facts, "trainer.crashed")
    limit = facts.limits.rollback_crashes
    text = f"{counted(len(found), 'crash', 'crashes')} in the last 24 h, {limit} are a reason"
    figures: dict[str, Figure] = {"crashes_24h": len(found), "limit": limit}
    return Outcome("holds" if len(found) < limit else "fails", text, figures)


def memory(facts: Facts) -> Outcome:
    """The trainer's memory does not grow faster than `rollback_growth_gb_per_day`."""
    sample = facts.symptoms.growth if facts.symptoms else None
    if sample is None:
        return Outcome("open", "measured after an hour of training")
    limit = facts.limits.rollback_growth_gb_per_day
    text = f"{number(sample.value, 2)} GB a day, more than {limit:g} is a reason"
    figures: dict[str, Figure] = {"growth_gb_per_day": sample.value, "limit_gb_per_day": limit}
    return _dated(sample, sample.value <= limit, text, figures)


def regression(facts: Facts) -> Outcome:
    """Fewer than `rollback_regressions` consecutive returns to the previous stage."""
    sample = facts.symptoms.regressions if facts.symptoms else None
    if sample is None:
        return Outcome("open", "measured with the first episodes: `landerctl start`")
    limit = facts.limits.rollback_regressions
    count = counted(round(sample.value), "consecutive return")
    text = f"{count} to the previous stage, {limit} are a reason"
    figures: dict[str, Figure] = {"regressions": sample.value, "limit": limit}
    return _dated(sample, sample.value < limit, text, figures)


def diverges(facts: Facts) -> Outcome:
    """No number that is not finite within 24 h, and the mean reward not that of the rule.

    The rule's `armed_at` excepts a policy that never was better: an untrained one aborts, too.
    """
    if broken := _recent(facts, "training.not_finite"):
        age_s = facts.evidence.age_s(broken[-1].time_s)
        times = counted(len(broken), "time")
        text = f"not finite {times} in the last 24 h, {duration(age_s)} ago: {broken[-1].text}"
        return Outcome("fails", text, {"not_finite_24h": len(broken)})
    symptoms = facts.symptoms
    if symptoms is None or symptoms.reward is None:
        return Outcome("open", "measured with the first 100 episodes: `landerctl start`")
    rule = _rule(facts)
    if rule is None:
        return Outcome("fails", f"no alert rule {DIVERGED_RULE!r} says what diverged means")
    reward, best = symptoms.reward.value, symptoms.best_reward
    armed = rule.armed_at is None or (best is not None and best >= rule.armed_at)
    text = f"mean reward {number(reward)}, below {rule.threshold:g} is a reason; nothing not finite"
    if not armed:
        text += f"; not yet: it was never above {rule.armed_at:g}"
    figures: dict[str, Figure] = {
        "reward_100": reward,
        "limit": rule.threshold,
        "best_reward_100": best,
        "not_finite_24h": 0,
    }
    good = math.isfinite(reward) and (not armed or reward >= rule.threshold)
    return _dated(symptoms.reward, good, text, figures)


def _has_trained(facts: Facts) -> bool:
    history = facts.evidence.history
    return history is not None and history.began_s is not None


def _recent(facts: Facts, name: str) -> list[Event]:
    """The run's events of this name within 24 h, since its last rollback."""
    evidence = facts.evidence
    events = evidence.history.events if evidence.history else ()
    since_s = rolled_back_s(evidence)
    return [
        event
        for event in events
        if event.name == name and event.time_s >= since_s and evidence.age_s(event.time_s) <= DAY_S
    ]


def _rule(facts: Facts) -> AlertRule | None:
    rules = facts.evidence.config.alerts if facts.evidence.config else []
    return next((rule for rule in rules if rule.name == DIVERGED_RULE), None)


def _dated(sample: Sample, good: bool, text: str, figures: dict[str, Figure]) -> Outcome:
    return Outcome("holds" if good else "fails", text, figures, sample.time_s)


JUDGES: dict[str, LiveJudge] = {
    "rollback-when.crashes": crashes,
    "rollback-when.memory": memory,
    "rollback-when.regression": regression,
    "rollback-when.diverges": diverges,
}
