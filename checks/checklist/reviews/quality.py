"""The best model by its newest stored evaluation, against the best of the span before. Pure."""

from __future__ import annotations

from collections.abc import Callable

from checks.checklist.reviews.facts import ReviewFacts
from checks.checklist.reviews.wording import Show, compared, figures, missing, percent, shown
from checks.wording import duration, number
from daemon.base.text.counted import counted
from daemon.protocol.finding import Figure, Finding
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval

NO_LANDING = "no episode of the evaluation landed"


def quality(facts: ReviewFacts) -> list[Finding]:
    """The findings, in the order in which they are shown."""
    return [
        _evaluated(facts),
        _figure("best-success", facts, lambda one: one.success_rate, percent),
        _figure("best-precision", facts, lambda one: one.distance_m, lambda m: f"{m:.1f} m"),
        _figure("best-fuel", facts, lambda one: one.fuel_left, percent),
        _figure("best-smoothness", facts, lambda one: one.roughness, lambda r: number(r, 4)),
    ]


def _evaluated(facts: ReviewFacts) -> Finding:
    key, best = "best-evaluated", facts.now.best
    remedy = "`landerctl review weekly --evaluate`"
    if facts.best_id is None:
        return missing(key, "no state can be the best yet: none has flown enough episodes")
    if best is None:
        return missing(key, f"{facts.best_id} is not evaluated: {remedy}")
    text = f"{facts.best_id}, {counted(best.episodes, 'episode')} of stage {best.stage}"
    of: dict[str, Figure] = {"id": facts.best_id, "episodes": best.episodes, "stage": best.stage}
    age_s = facts.now.span.until_s - best.created_s
    if best.episodes < facts.episodes:
        return Finding(key, None, f"{text}, fewer than {facts.episodes}: {remedy}", of)
    text = f"{text}, {duration(age_s)} before the end of this span"
    return Finding(key, True, text, of | {"evaluated_s": best.created_s})


def _figure(
    key: str,
    facts: ReviewFacts,
    of: Callable[[EvaluationResult], Interval | None],
    show: Show,
) -> Finding:
    now, before = facts.now.best, facts.before.best
    if now is None:
        return missing(key, "comes with an evaluation of the best model")
    interval = of(now)
    if interval is None:
        return missing(key, NO_LANDING)
    text, found = shown(interval, show), figures(interval)
    if before is None:
        return Finding(key, True, f"{text}; none before", found)
    if before == now:
        return Finding(key, True, f"{text}; the same model and evaluation as before", found)
    earlier = of(before)
    if earlier is None:
        return Finding(key, True, f"{text}; no landing before", found)
    change, more = compared(interval, earlier, show)
    # Another stage is another task: the comparison says so.
    other = f" in stage {before.stage}" if before.stage != now.stage else ""
    return Finding(key, True, f"{text}; {change}{other}", found | more)
