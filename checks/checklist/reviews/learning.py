"""How the training went: time, stage, reward and success at the same difficulty, its end. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from checks.checklist.reviews.earlier import COMPLETION
from checks.checklist.reviews.facts import ReviewFacts, SpanFacts
from checks.checklist.reviews.statistics import batch_interval
from checks.checklist.reviews.wording import Show, compared, figures, missing, percent, shown
from checks.wording import duration, number
from daemon.protocol.finding import Figure, Finding
from daemon.store.records import Event

LANDED = "landed"
Samples = Mapping[float, Sequence[float]]


def learning(facts: ReviewFacts) -> list[Finding]:
    """The findings, in the order in which they are shown."""
    return [
        _training(facts),
        _stage(facts),
        _stages_done(facts),
        _stage_success(facts),
        trend("success", facts.now.successes, facts.before.successes, percent),
        trend("reward", facts.now.rewards, facts.before.rewards, number),
        _completion(facts),
    ]


def trend(key: str, now: Samples, before: Samples, show: Show) -> Finding:
    """The mean at the difficulty that both spans flew most, against the span before.

    Where they have none in common: at the one that this span flew most, its second half against its
    first. If it flew another one most, the mean there is added.
    """
    if not now:
        return missing(key, "no episode ended in this span: it comes with training")
    common = set(now) & set(before)
    difficulty = most_flown = max(now, key=lambda one: len(now[one]))
    if common:
        difficulty = max(common, key=lambda one: min(len(now[one]), len(before[one])))
    values = now[difficulty]
    mean = batch_interval(values)
    text = f"{shown(mean, show)} at difficulty {difficulty:g}"
    of: dict[str, Figure] = {"difficulty": difficulty, "samples": len(values), **figures(mean)}
    if common:
        change, more = compared(mean, batch_interval(before[difficulty]), show)
        text = f"{text}; {change}"
        if most_flown != difficulty:
            mean = batch_interval(now[most_flown])
            text += f"; {shown(mean, show)} at difficulty {most_flown:g}, flown most"
        return Finding(key, True, text, of | more | {"compared_with": "before"})
    if len(values) < 2:
        return Finding(key, True, f"{text}; not flown before", of)
    half = len(values) // 2
    second, first = batch_interval(values[half:]), batch_interval(values[:half])
    change, more = compared(second, first, show, "in the first")
    text = f"{text}, not flown before; {show(second.mean)} in its second half, {change}"
    return Finding(key, True, text, of | more | {"compared_with": "first half"})


def _training(facts: ReviewFacts) -> Finding:
    now, before = facts.now, facts.before
    text = f"{_trained(now)}, {now.timesteps:,} steps; {duration(before.trained_s)} before"
    return Finding(
        "training",
        True,
        text,
        {
            "trained_s": now.trained_s,
            "span_s": now.span.until_s - now.span.since_s,
            "timesteps": now.timesteps,
            "before_trained_s": before.trained_s,
        },
    )


def _trained(now: SpanFacts) -> str:
    return f"{duration(now.trained_s)} of {duration(now.span.until_s - now.span.since_s)}"


def _stage(facts: ReviewFacts) -> Finding:
    difficulty = facts.now.difficulty
    if difficulty is None:
        return missing("stage", "the run did not train in this span")
    stage = max(1, math.ceil(difficulty))
    ramp = difficulty - (stage - 1)
    name = f", {facts.stages[stage - 1]}" if stage <= len(facts.stages) else ""
    text = f"{stage} of {len(facts.stages)}{name}"
    text += f", {ramp:.0%} of its ramp" if ramp < 1.0 else ""
    return Finding("stage", True, text, {"stage": stage, "difficulty": difficulty})


def _stages_done(facts: ReviewFacts) -> Finding:
    passed = [event for event in facts.events if event.name == "stage.passed"]
    stages = sorted({_stage_of(event) for event in passed})
    recent = [event for event in passed if event.time_s >= facts.now.span.since_s]
    text = f"{_listed(stages)}" if stages else "none yet"
    if recent:
        text += f"; in this span: {_listed(sorted({_stage_of(event) for event in recent}))}"
    regressed = _count(facts, "stage.regressed")
    text += f"; {regressed} times back to an earlier stage" if regressed else ""
    of: dict[str, Figure] = {"done": len(stages), "in_span": len(recent), "regressed": regressed}
    of |= {f"stage_{_stage_of(event)}_trained_s": _number(event, "trained_s") for event in passed}
    return Finding("stages-done", True, text, of)


def _stage_success(facts: ReviewFacts) -> Finding:
    """The share that landed in training in this span, of each stage flown."""
    key = "stage-success"
    counts: dict[int, list[int]] = {}
    for one in facts.now.outcomes:
        landed_all = counts.setdefault(one.stage, [0, 0])
        landed_all[0] += one.count if one.outcome == LANDED else 0
        landed_all[1] += one.count
    if not counts:
        return missing(key, "no episode ended in this span: it comes with training")
    parts: list[str] = []
    of: dict[str, Figure] = {}
    for stage, (landed, episodes) in sorted(counts.items()):
        gate = f", gate {facts.gates[stage - 1]:.0%}" if 1 <= stage <= len(facts.gates) else ""
        parts.append(f"stage {stage}: {percent(landed / episodes)} of {episodes:,}{gate}")
        of |= {f"stage_{stage}_rate": landed / episodes, f"stage_{stage}_episodes": episodes}
    return Finding(key, True, "; ".join(parts), of)


def _completion(facts: ReviewFacts) -> Finding:
    """The estimated end in training time, and how far the earlier estimates were off."""
    known, now = facts.earlier, facts.completion
    if facts.completed:
        of: dict[str, Figure] = {"took_s": facts.trained_s}
        text = f"completed after {duration(facts.trained_s)} of training"
        truth_s = facts.trained_s
    elif now is not None:
        of = {"expected_s": now.expected_s, "low_s": now.low_s, "high_s": now.high_s}
        range_ = f"95%: {duration(now.low_s)} to {duration(now.high_s)}"
        text = f"after {duration(now.expected_s)} of training ({range_}), "
        text += f"{duration(now.expected_s - now.trained_s)} more"
        truth_s = now.expected_s
    else:
        return missing(
            COMPLETION,
            "no estimate: it comes after a minute of training, for the default stages and a span "
            "that ended in the last day",
        )
    if known and truth_s > 0.0:
        errors = [abs(one.completion.expected_s - truth_s) / truth_s for one in known]
        of |= {"estimates": len(known), "error_share": fmean(errors)}
        what = "off" if facts.completed else "different"
        many = f"{len(known)} earlier estimates were, in the mean,"
        who = "the one earlier estimate was" if len(known) == 1 else many
        text += f"; {who} {fmean(errors):.0%} {what}"
    else:
        text += "; no earlier estimate"
    return Finding(COMPLETION, True, text, of)


def _count(facts: ReviewFacts, name: str) -> int:
    since_s = facts.now.span.since_s
    return sum(event.name == name and event.time_s >= since_s for event in facts.events)


def _stage_of(event: Event) -> int:
    return int(_number(event, "stage"))


def _number(event: Event, field: str) -> float:
    value = event.body.get(field)
    return value if isinstance(value, int | float) else 0.0


def _listed(stages: Sequence[int]) -> str:
    return ", ".join(str(stage) for stage in stages)
