"""The machine, the alerts and what became of them, and the interruptions. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from checks.checklist.reviews.facts import (
    CPU,
    DISK,
    GROWTH,
    MEMORY,
    SPEED,
    TRAINER_MEMORY,
    ReviewFacts,
)
from checks.checklist.reviews.wording import Show, missing
from checks.wording import duration, number
from daemon.protocol.finding import Figure, Finding
from daemon.runs.review_schedule import Span
from daemon.store.records import Event

GB = 1e9
INTERRUPTIONS = {
    "trainer.crashed": "crash",
    "trainer.hung": "hang",
    "trainer.fatal": "end for good",
    "trainer.interrupted": "interruption by a signal",
    "daemon.recovered": "death of the daemon",
    "daemon.stopped": "stop",
    "rollback.done": "rollback",
}
NOT_MEASURED = "not measured in this span: the daemon samples it"


def operation(facts: ReviewFacts) -> list[Finding]:
    """The findings, in the order in which they are shown."""
    now, before = facts.now.resources, facts.before.resources

    def of(name: str) -> tuple[Sequence[float], Sequence[float]]:
        return now.get(name, ()), before.get(name, ())

    return [
        usage("speed", *of(SPEED), lambda steps: f"{number(steps)} steps/s", most=False),
        usage("cpu", *of(CPU), lambda used: f"{used:.0f}% of the machine"),
        _memory(facts),
        _disk(*of(DISK)),
        _alerts(facts),
        _interruptions(facts),
    ]


def usage(
    key: str,
    now: Sequence[float],
    before: Sequence[float],
    show: Show,
    *,
    most: bool = True,
) -> Finding:
    """The mean of a span and of the one before; with `most` the largest value too."""
    if not now:
        return missing(key, NOT_MEASURED)
    mean = fmean(now)
    text = show(mean)
    of: dict[str, Figure] = {"mean": mean, "samples": len(now)}
    if most:
        text += f", at most {max(now):.0f}%"
        of["largest"] = max(now)
    if not before:
        return Finding(key, True, f"{text}; not measured before", of)
    earlier = fmean(before)
    return Finding(key, True, f"{text}; {show(earlier)} before", of | {"before_mean": earlier})


def _memory(facts: ReviewFacts) -> Finding:
    """The machine's use; of the trainer the mean size and the last measured growth."""
    found = usage(
        "memory",
        facts.now.resources.get(MEMORY, ()),
        facts.before.resources.get(MEMORY, ()),
        lambda used: f"{used:.0f}% used",
    )
    if not found.holds:
        return found
    text, of = found.text, dict(found.figures)
    if trainer := facts.now.resources.get(TRAINER_MEMORY):
        of["trainer_gb"] = fmean(trainer) / GB
        text += f"; trainer {number(fmean(trainer) / GB, 2)} GB"
    if growth := facts.now.resources.get(GROWTH):
        of["growth_gb_per_day"] = growth[-1]
        text += f", grows {number(growth[-1], 2)} GB a day"
    return Finding(found.key, True, text, of)


def _disk(now: Sequence[float], before: Sequence[float]) -> Finding:
    """The last free space, and what was used up since the span's begin."""
    if not now:
        return missing("disk", NOT_MEASURED)
    used = now[0] - now[-1]
    text = f"{number(now[-1], 1)} GB free, {number(abs(used), 1)} GB {_more(used)}"
    of: dict[str, Figure] = {"free_gb": now[-1], "used_gb": used}
    if before:
        earlier = before[0] - before[-1]
        text += f"; {number(abs(earlier), 1)} GB {_more(earlier)} before"
        of["before_used_gb"] = earlier
    return Finding("disk", True, text, of)


def _more(used: float) -> str:
    return "used up" if used >= 0.0 else "freed"


def _alerts(facts: ReviewFacts) -> Finding:
    """Those that fired in the span, or still fired at its begin, and what became of each."""
    span = facts.now.span
    firing: dict[str, float] = {}
    fired: Counter[str] = Counter()
    ended: dict[str, str] = {}
    for event in facts.events:
        name = str(event.body.get("alert"))
        match event.name:
            case "alert.firing":
                firing.setdefault(name, event.time_s)
                if event.time_s >= span.since_s:
                    fired[name] += 1
            case "alert.resolved":
                since_s = firing.pop(name, event.time_s)
                if event.time_s >= span.since_s:
                    ended[name] = f"resolved after {duration(event.time_s - since_s)}"
            case "alert.acknowledged" if name in firing:
                ended[name] = "acknowledged"
    still = {
        name: f"firing for {duration(span.until_s - since_s)}"
        + (", acknowledged" if ended.get(name) == "acknowledged" else "")
        for name, since_s in firing.items()
    }
    parts = []
    for name in dict.fromkeys([*fired, *still]):
        count = f" {fired[name]} times," if fired[name] > 1 else ""
        parts.append(f"{name}:{count} {still.get(name) or ended.get(name, 'resolved')}")
    earlier = len(_named(facts.events, "alert.firing", facts.before.span))
    text = f"{'; '.join(parts) or 'none'}; {earlier or 'none'} before"
    of: dict[str, Figure] = {
        "fired": sum(fired.values()),
        "firing": len(still),
        "before_fired": earlier,
    }
    return Finding("alerts", True, text, of)


def _interruptions(facts: ReviewFacts) -> Finding:
    counts = {
        name: (
            len(_named(facts.events, name, facts.now.span)),
            len(_named(facts.events, name, facts.before.span)),
        )
        for name in INTERRUPTIONS
    }
    parts = [f"{INTERRUPTIONS[name]}: {now}" for name, (now, _) in counts.items() if now]
    earlier = sum(before for _, before in counts.values())
    text = f"{', '.join(parts) or 'none'}; {earlier or 'none'} before"
    of: dict[str, Figure] = {name: now for name, (now, _) in counts.items() if now}
    return Finding("interruptions", True, text, of | {"before": earlier})


def _named(events: Sequence[Event], name: str, span: Span) -> list[Event]:
    return [
        event
        for event in events
        if event.name == name and span.since_s <= event.time_s < span.until_s
    ]
