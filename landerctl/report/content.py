"""What stands in a report: the verdict first, then what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks.checklist.facts import Facts
from checks.checklist.golive.deployment import deployment, free_notes
from checks.checklist.golive.verdict import Criterion, Verdict
from checks.checklist.incidents import incidents
from checks.checklist.judge import Judgement
from checks.checklist.ledger.record import Record
from checks.checklist.model import Phase
from checks.checklist.signature import GOOD
from checks.checklist.table.all import PHASES
from checks.wording import duration
from daemon.base.text.counted import counted
from daemon.rollback.incident_log import local_time
from daemon.runs import notes
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from landerctl.presentation.verdict_wording import headline
from landerctl.report.document import (
    Block,
    Document,
    Fields,
    Heading,
    Mark,
    Paragraph,
    Picture,
    Table,
)

REVIEWS = 4  # the newest ones
_DIGEST = 12  # digits of a record's digest that are shown
_EDITS = (
    "Each record of the ledger carries the digest of the one before it, so that a record that was "
    "edited, removed or moved is found. Whoever owns the files could write a new ledger: the "
    "digests are no proof against them."
)


@dataclass(frozen=True)
class Material:
    """What a report is made of. `not_drawn`: what is missing for a picture, a line each."""

    facts: Facts
    judgements: Mapping[str, Judgement]
    verdict: Verdict
    evaluation: EvaluationResult | None
    pictures: tuple[Picture, ...]
    not_drawn: tuple[str, ...]


def build(material: Material) -> Document:
    """The report."""
    verdict, facts = material.verdict, material.facts
    blocks: list[Block] = [_about(material), *_overrides(facts, verdict)]
    blocks += _criteria("Go-live criteria", verdict.criteria)
    blocks += _criteria("Success criteria", verdict.quality)
    blocks += _signatures(verdict, material.judgements)
    blocks += _next_steps(verdict)
    blocks += _incidents(facts)
    blocks += _training(material)
    blocks += _reviews(facts)
    blocks += _notes(facts)
    blocks += _phases(material.judgements)
    return Document(
        title=f"landerctl report on {facts.address.run or 'a state folder without a run'}",
        verdict=verdict.word,
        good=verdict.go,
        summary=headline(verdict).lstrip(":, ") or "All criteria hold, and all signatures stand.",
        blocks=tuple(blocks),
    )


def _about(material: Material) -> Block:
    facts = material.facts
    address, status = facts.address, facts.evidence.status
    rows = [
        ("Written", local_time(facts.now_s)),
        ("Run", address.run or "none"),
        ("Version", f"landerctl {address.version}"),
        ("Configuration", address.fingerprint),
        ("Machine", address.machine),
    ]
    if status is not None and status.run is not None and status.run.warm_start != "none":
        rows.append(("Warm start", f"{status.run.warm_start} pilot, cloned before the training"))
    if status is not None and status.progress is not None:
        progress = status.progress
        rows += [
            ("Trained", f"{progress.timesteps:,} of {progress.total_timesteps:,} steps"),
            ("Stage", f"{progress.stage} of {progress.stages}, {progress.stage_name}"),
        ]
    rows.append(("Evidence", material.verdict.evidence[:_DIGEST]))
    return Fields(tuple(rows))


def _overrides(facts: Facts, verdict: Verdict) -> list[Block]:
    found: list[Block] = []
    for record in verdict.overrides:
        entry = record.entry
        run = "this run" if entry.address.run == facts.address.run else f"run {entry.address.run}"
        text = f"{entry.by} went live over a NO-GO with {run}, {local_time(entry.time_s)}"
        found.append(Paragraph(f"{text}: {entry.text} (record {record.sequence})", warning=True))
    return found


def _next_steps(verdict: Verdict) -> list[Block]:
    if not verdict.steps:
        return []
    rows = tuple(
        (
            str(number),
            step.do,
            "unknown" if step.takes_s is None else duration(step.takes_s),
            step.lines[0] if len(step.lines) == 1 else counted(len(step.lines), "line"),
        )
        for number, step in enumerate(verdict.steps, 1)
    )
    table = Table("What to do next, in order", ("No.", "Do", "Takes", "For"), rows)
    return [Heading("What to do next"), table]


def _criteria(title: str, criteria: list[Criterion]) -> list[Block]:
    rows = tuple((Mark(one.state), one.text, one.found) for one in criteria)
    holding = sum(one.state == "holds" for one in criteria)
    return [
        Heading(f"{title}: {holding} of {len(criteria)} hold"),
        Table(title, ("State", "Criterion", "Found"), rows),
    ]


def _signatures(verdict: Verdict, judgements: Mapping[str, Judgement]) -> list[Block]:
    rows = []
    for one in verdict.signatures:
        record = judgements[one.id].record
        at = "" if record is None else local_time(record.entry.time_s)
        by = "" if record is None else record.entry.by
        rows.append((Mark(one.state), one.text, by, at, one.found))
    table = Table("Signatures", ("State", "Role", "By", "Signed", "Found"), tuple(rows))
    return [Heading("Signatures"), table]


def _incidents(facts: Facts) -> list[Block]:
    every = incidents(facts)
    blocks: list[Block] = [Heading("Incidents")]
    if every is None:
        return [*blocks, Paragraph("incidents.md cannot be read.", warning=True)]
    if not every:
        return [*blocks, Paragraph("None was recorded.")]
    rows = tuple(
        (
            "open" if one.closed_s is None else f"closed by {one.by}",
            one.id,
            one.title,
            one.cause,
        )
        for one in reversed(every)
    )
    return [*blocks, Table("Incidents", ("State", "Id", "What happened", "Cause"), rows)]


def _training(material: Material) -> list[Block]:
    blocks: list[Block] = [Heading("Training and flights")]
    if material.evaluation is not None:
        blocks += [
            Heading("Newest evaluation", 3),
            Fields(_evaluation(material.evaluation)),
        ]
    blocks += material.pictures
    blocks += [Paragraph(f"Not drawn: {line}.") for line in material.not_drawn]
    return blocks


def _evaluation(result: EvaluationResult) -> tuple[tuple[str, str], ...]:
    rows = [
        ("Pilot", f"{result.pilot}, {counted(result.episodes, 'episode')}, stage {result.stage}"),
        ("Landed", _interval(result.success_rate, 100.0, "%")),
        ("Reward", _interval(result.reward)),
        ("Roughness of the control", _interval(result.roughness)),
    ]
    for name, value, scale, unit in (
        ("Soft landings", result.soft_landings, 100.0, "%"),
        ("Distance from the pad", result.distance_m, 1.0, " m"),
        ("Touchdown speed", result.touchdown_speed_m_s, 1.0, " m/s"),
        ("Propellant left", result.fuel_left, 100.0, "%"),
    ):
        if value is not None:
            rows.append((name, _interval(value, scale, unit)))
    return tuple(rows)


def _interval(value: Interval, scale: float = 1.0, unit: str = "") -> str:
    text = f"{_number(scale * value.mean)}{unit}"
    if value.low is None or value.high is None:
        return text
    low, high = _number(scale * value.low), _number(scale * value.high)
    return f"{text} (95% interval {low} to {high})"


def _number(value: float) -> str:
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{round(value, 6) + 0.0:.3g}"  # no 1.4e-15, no -0


def _reviews(facts: Facts) -> list[Block]:
    records = list(facts.ledger.backwards("review"))[:REVIEWS]
    blocks: list[Block] = [Heading("Reviews")]
    if not records:
        return [*blocks, Paragraph("None was made yet: `landerctl review daily` makes one.")]
    for record in records:
        entry = record.entry
        blocks.append(Heading(f"{entry.subject.capitalize()}, {local_time(entry.time_s)}", 3))
        if entry.text:
            blocks.append(Paragraph(entry.text))
        blocks.append(Fields(tuple((one.key, one.text) for one in entry.findings)))
    return blocks


def _notes(facts: Facts) -> list[Block]:
    deployed = deployment(facts)
    rows = [("Deployed", "not yet")]
    if deployed is not None:
        rows = [
            (notes.DATE, deployed.date),
            (notes.BY, deployed.by),
            (notes.CONFIGURATION, deployed.configuration),
            (notes.SUCCESS_RATE, deployed.success_rate or "not known then"),
        ]
    for record in free_notes(facts):
        entry = record.entry
        rows.append((f"Note, {local_time(entry.time_s)}", f"{entry.by}: {entry.text}"))
    return [Heading("Production notes"), Fields(tuple(rows))]


def _phases(judgements: Mapping[str, Judgement]) -> list[Block]:
    blocks: list[Block] = [Heading("The whole checklist"), Paragraph(_EDITS)]
    for phase in PHASES:
        found = [judgements[line.id] for line in phase.lines]
        good = sum(one.outcome.state in GOOD for one in found)
        blocks.append(Heading(f"{phase.heading} ({good} of {len(found)})", 3))
        blocks.append(_phase(phase, found))
    return blocks


def _phase(phase: Phase, found: list[Judgement]) -> Table:
    rows = tuple(
        (
            Mark(one.outcome.state),
            one.line.text if one.line.required else f"{one.line.text} (recommended)",
            one.outcome.text,
            _evidence(one.record),
        )
        for one in found
    )
    return Table(phase.heading, ("State", "Line", "Found", "Evidence"), rows)


def _evidence(record: Record | None) -> str:
    if record is None:
        return ""
    digest = record.digest[:_DIGEST]
    return f"record {record.sequence}, {digest}, {local_time(record.entry.time_s)}"
