"""The output of `checklist` as one frozen object, for scripts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from checks.checklist.facts import Facts, State
from checks.checklist.judge import Judgement, measure_of, members
from checks.checklist.ledger.record import Record
from checks.checklist.loosened import loosened, loosened_of
from checks.checklist.model import Drill, Fixed, Line, Lines, Live, Person
from checks.checklist.table.all import LINES, PHASES
from daemon.protocol.finding import Figure


class EvidenceReport(msgspec.Struct, frozen=True):
    """The record in the ledger that a verdict rests on."""

    record: int
    kind: str
    subject: str
    digest: str
    time_s: float  # Unix
    version: str
    configuration: str
    machine: str
    run: str | None


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the checklist, judged."""

    id: str
    phase: str
    text: str  # the document's own
    judge: str
    state: State
    found: str
    figures: dict[str, Figure]
    required: bool
    since_s: float | None  # of what the evidence is (Unix); None: of now
    evidence: EvidenceReport | None
    parts: dict[str, State]  # the lines of which it consists
    tests: list[str]  # that prove a line that is true by construction
    measure: str
    thresholds: dict[str, float | list[float]]
    loosened: list[str]
    translated: str
    remedy: str
    more: str


class ChecklistReport(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of `landerctl checklist --json`. `counts`: of the whole checklist, by state."""

    time_s: float
    home: str
    version: str
    configuration: str
    run: str | None
    problem: str  # why the ledger's evidence is refused; one line
    config_problem: str  # why the configuration cannot be used, so that its thresholds are not
    counts: dict[State, int]
    phases: dict[str, dict[State, int]]  # the counts of each phase, also of lines not shown
    loosened: dict[str, str]
    lines: list[LineReport]


def find_lines(names: Sequence[str]) -> list[Line]:
    """The lines of these phases and ids, in the order given. Raises KeyError for an unknown one."""
    if not names:
        return list(LINES)
    by_name = {phase.id: list(phase.lines) for phase in PHASES}
    by_name |= {line.id: [line] for line in LINES}
    return [line for name in names for line in by_name[name]]


def report(
    lines: Sequence[Line], judgements: Mapping[str, Judgement], facts: Facts, home: str
) -> ChecklistReport:
    """The report of some lines; `judgements` are of all."""
    looser = loosened(facts)
    phase_of = {line.id: phase.id for phase in PHASES for line in phase.lines}
    return ChecklistReport(
        time_s=facts.now_s,
        home=home,
        version=facts.address.version,
        configuration=facts.address.fingerprint,
        run=facts.address.run,
        problem=facts.ledger.problem,
        config_problem=facts.evidence.config_problem or "",
        counts=_counts(LINES, judgements),
        phases={phase.id: _counts(phase.lines, judgements) for phase in PHASES},
        loosened=looser,
        lines=[_line(line, phase_of[line.id], judgements, facts, looser) for line in lines],
    )


def _counts(lines: Sequence[Line], judgements: Mapping[str, Judgement]) -> dict[State, int]:
    return dict(Counter(judgements[line.id].outcome.state for line in lines))


def _line(
    line: Line,
    phase: str,
    judgements: Mapping[str, Judgement],
    facts: Facts,
    looser: Mapping[str, str],
) -> LineReport:
    judgement = judgements[line.id]
    outcome, judge = judgement.outcome, line.judge
    parts = members(judge, LINES) if isinstance(judge, Lines) else []
    return LineReport(
        id=line.id,
        phase=phase,
        text=line.text,
        judge=judge_text(line),
        state=outcome.state,
        found=outcome.text,
        figures=outcome.figures,
        required=line.required,
        since_s=outcome.since_s,
        evidence=None if judgement.record is None else _evidence(judgement.record),
        parts={part: judgements[part].outcome.state for part in parts},
        tests=list(judge.tests) if isinstance(judge, Fixed) else [],
        measure=measure_of(line, facts),
        thresholds={name: getattr(facts.limits, name) for name in line.thresholds},
        loosened=loosened_of(line, looser),
        translated=line.translated,
        remedy=line.remedy,
        more=line.more,
    )


def judge_text(line: Line) -> str:
    """Who judges a line."""
    match line.judge:
        case Live():
            return "live"
        case Drill(name=name):
            return f"drill {name}"
        case Fixed():
            return "fixed, by tests"
        case Person(subject=subject):
            return f"person, signoff {subject}"
        case Lines():
            return "its lines"


def _evidence(record: Record) -> EvidenceReport:
    entry, address = record.entry, record.entry.address
    return EvidenceReport(
        record=record.sequence,
        kind=entry.kind,
        subject=entry.subject,
        digest=record.digest,
        time_s=entry.time_s,
        version=address.version,
        configuration=address.fingerprint,
        machine=address.machine,
        run=address.run,
    )
