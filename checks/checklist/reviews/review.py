"""A review: its findings, headline, and the entry of the ledger that keeps it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from checks.checklist.ledger.record import Address, Entry
from checks.checklist.reviews.facts import ReviewFacts
from checks.checklist.reviews.learning import learning
from checks.checklist.reviews.operation import operation
from checks.checklist.reviews.quality import quality
from checks.checklist.reviews.wording import percent
from checks.wording import number
from daemon.base.text.counted import counted
from daemon.protocol.finding import Finding

# How a review is shown: a heading, and the finding's key and label of each line.
SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Training",
        (
            ("training", "trained"),
            ("stage", "stage"),
            ("stages-done", "gates passed"),
            ("stage-success", "landed"),
            ("success", "success rate"),
            ("reward", "mean reward"),
            ("completion", "estimated end"),
        ),
    ),
    (
        "Best model",
        (
            ("best-evaluated", "evaluated"),
            ("best-success", "success rate"),
            ("best-precision", "distance"),
            ("best-fuel", "propellant left"),
            ("best-smoothness", "roughness"),
        ),
    ),
    (
        "Operation",
        (
            ("speed", "speed"),
            ("cpu", "CPU"),
            ("memory", "memory"),
            ("disk", "disk"),
            ("alerts", "alerts"),
            ("interruptions", "interruptions"),
        ),
    ),
)
SPAN = "span"  # the kind of a review that is neither daily nor weekly


def review(facts: ReviewFacts) -> tuple[Finding, ...]:
    """The findings; `holds` is None where the figure is missing."""
    return (*learning(facts), *quality(facts), *operation(facts))


def entry_of(kind: str, facts: ReviewFacts, address: Address, now_s: float) -> Entry:
    """The review as an entry of the ledger, made at `now_s` (Unix)."""
    found = review(facts)
    span = facts.now.span
    return Entry(
        kind="review",
        subject=kind,
        time_s=now_s,
        address=address,
        text=headline(found),
        findings=found,
        figures={"since_s": span.since_s, "until_s": span.until_s},
    )


def headline(findings: Sequence[Finding]) -> str:
    """The most important figures in one line."""
    of = {one.key: one.figures for one in findings}
    parts = [f"stage {_number(of['stage'].get('stage'), '')}"]
    parts.append(f"success {_number(of['success'].get('mean'), '%')}")
    parts.append(f"reward {_number(of['reward'].get('mean'), '')}")
    parts.append(counted(int(of["alerts"].get("fired") or 0), "alert"))
    return ", ".join(parts)


def _number(value: object, unit: str) -> str:
    if not isinstance(value, int | float):
        return "unknown"
    return percent(value) if unit else number(value)
