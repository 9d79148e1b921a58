"""Judges every line of the table on the facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.ledger.record import Address, Record
from checks.checklist.model import Bound, Drill, Fixed, Line, Lines, Live, Person
from checks.checklist.signature import GOOD, lost_since
from checks.wording import duration, some_of
from daemon.protocol.finding import Figure, Finding

LiveJudge = Callable[[Facts], Outcome]
DAY_S = 86_400.0
SHOWN = 3  # ids of lines that a composite names
NAMES: dict[Bound, str] = {
    "version": "version",
    "fingerprint": "configuration",
    "machine": "machine",
    "run": "run",
    "settings": "alert, notification or backup settings",
    "best": "best model",
}
ENVIRONMENT = "environment"  # the drill that runs the tests of fixed lines
# Of what a composite shows: the worst of its lines.
_BADNESS: dict[State, int] = {"does not apply": 0, "holds": 1, "stale": 2, "open": 3, "fails": 4}


@dataclass(frozen=True)
class Judgement:
    """A line and what was found."""

    line: Line
    outcome: Outcome
    record: Record | None = None  # the evidence, if it is in the ledger


def judge_all(
    lines: Sequence[Line], judges: Mapping[str, LiveJudge], facts: Facts
) -> dict[str, Judgement]:
    """The judgement of each line, by id, in the table's order."""
    recorded = recorded_live(facts)
    known = {
        line.id: _judge(line, judges, facts, recorded)
        for line in lines
        if not isinstance(line.judge, Lines)
    }
    by_id = {line.id: line for line in lines}

    def judged(line: Line) -> Judgement:
        if line.id not in known:
            assert isinstance(line.judge, Lines)
            parts = [judged(by_id[one]) for one in members(line.judge, lines)]
            known[line.id] = Judgement(line, _combine(parts))
        return known[line.id]

    found = {line.id: judged(line) for line in lines}
    states = {line_id: one.outcome.state for line_id, one in found.items()}
    return {line_id: _still_signed(one, states) for line_id, one in found.items()}


def members(judge: Lines, lines: Sequence[Line]) -> list[str]:
    """The ids of the lines of which a composite consists. Raises KeyError for an unknown id."""
    found: list[str] = []
    for name in judge.ids:
        if name.endswith("."):
            matching = [one.id for one in lines if one.id.startswith(name)]
        else:
            matching = [one.id for one in lines if one.id == name]
        if not matching:
            raise KeyError(name)
        found += matching
    return found


def _judge(
    line: Line,
    judges: Mapping[str, LiveJudge],
    facts: Facts,
    recorded: Mapping[str, tuple[Record, Finding]],
) -> Judgement:
    match line.judge:
        case Live():
            return _live(line, judges[line.id], facts, recorded)
        case Drill() | Fixed() | Person() if facts.ledger.problem:
            return Judgement(line, Outcome("open", f"evidence refused: {facts.ledger.problem}"))
        case Drill(name=name, finding=key, bound=bound):
            return _drilled(line, facts, (name, key), bound)
        case Fixed():
            return _fixed(line, line.judge, facts)
        case Person(subject=subject, bound=bound):
            return _said(line, facts, subject, bound)
    raise AssertionError(line.judge)


def _live(
    line: Line, judge: LiveJudge, facts: Facts, recorded: Mapping[str, tuple[Record, Finding]]
) -> Judgement:
    """By the facts of now; where samples have expired, by what was recorded of them."""
    outcome = judge(facts)
    if not outcome.expired or line.id not in recorded:
        return Judgement(line, outcome)
    record, finding = recorded[line.id]
    state: State = "holds" if finding.holds else "fails"
    found = Outcome(state, finding.text, finding.figures, record.entry.time_s)
    return Judgement(line, found, record)


def recorded_live(facts: Facts) -> dict[str, tuple[Record, Finding]]:
    """The newest decided finding of each live line, of this version, configuration and run."""
    found: dict[str, tuple[Record, Finding]] = {}
    if facts.ledger.problem or facts.address.run is None:
        return found
    for record in facts.ledger.backwards("live"):
        if _differences(record.entry.address, facts.address, ("version", "fingerprint", "run")):
            break
        for finding in record.entry.findings:
            if finding.holds is not None:
                found.setdefault(finding.key, (record, finding))
    return found


def _drilled(
    line: Line, facts: Facts, drilled: tuple[str, str], bound: Sequence[Bound]
) -> Judgement:
    drill, key = drilled
    for record in facts.ledger.backwards("drill", drill):
        finding = record.finding(key)
        if finding is None:
            continue
        since_s = record.entry.time_s
        state: State = "open" if finding.holds is None else "holds" if finding.holds else "fails"
        text = finding.text
        if state != "open" and (problem := stale(record, facts, bound)):
            state, text = "stale", problem
        return Judgement(line, Outcome(state, text, finding.figures, since_s), record)
    return Judgement(line, Outcome("open", f"never measured: `landerctl drill {drill}`"))


def _fixed(line: Line, judge: Fixed, facts: Facts) -> Judgement:
    found = _drilled(line, facts, (ENVIRONMENT, line.id), ("version", "machine"))
    if found.outcome.state in ("holds", "fails"):
        then = found.outcome.figures.get("sources")
        if then != facts.sources.get(line.id):
            text = "the sources have changed since its tests ran"
            outcome = msgspec.structs.replace(found.outcome, state="stale", text=text)
            return Judgement(line, outcome, found.record)
    return found


def _said(line: Line, facts: Facts, subject: str, bound: Sequence[Bound]) -> Judgement:
    record = facts.ledger.newest("signoff", subject)
    if record is None:
        return Judgement(
            line, Outcome("open", f"nobody has said so: `landerctl signoff {subject} --by NAME`")
        )
    entry = record.entry
    text = f"{entry.by}: {entry.text}" if entry.text else f"by {entry.by}"
    changed = _differences(entry.address, facts.address, bound)
    if changed:
        text = f"{text}, of another {' and '.join(NAMES[one] for one in changed)}"
    state: State = "stale" if changed else "holds" if entry.holds is not False else "fails"
    return Judgement(line, Outcome(state, text, entry.figures, entry.time_s), record)


def _still_signed(judgement: Judgement, states: Mapping[str, State]) -> Judgement:
    """A signature is stale while a line that held when it was given does not hold."""
    record, outcome = judgement.record, judgement.outcome
    if record is None or record.entry.kind != "signoff" or outcome.state != "holds":
        return judgement
    lost = lost_since(record, states)
    if not lost:
        return judgement
    text = f"{outcome.text}; held then and not now: {some_of(lost, SHOWN)}"
    return replace(judgement, outcome=msgspec.structs.replace(outcome, state="stale", text=text))


def stale(record: Record, facts: Facts, bound: Sequence[Bound]) -> str:
    """Why a record's evidence does not count any more: one line; empty if it does."""
    changed = _differences(record.entry.address, facts.address, bound)
    if changed:
        return f"of another {' and '.join(NAMES[one] for one in changed)}"
    if "best" in bound and (model := _model(record)) != facts.best:
        return f"of {model or 'no model'}, the best one is now {facts.best or 'unknown'}"
    age_s = facts.evidence.age_s(record.entry.time_s)
    if age_s > facts.limits.evidence_days * DAY_S:
        return f"{duration(age_s)} old, it counts {facts.limits.evidence_days:g} days"
    return ""


def _model(record: Record) -> Figure:
    """The checkpoint that a record's findings are of."""
    named = (finding.figures.get("checkpoint") for finding in record.entry.findings)
    return next((name for name in named if name is not None), None)


def _differences(then: Address, now: Address, bound: Sequence[Bound]) -> list[Bound]:
    compared = (name for name in bound if name != "best")
    return [name for name in compared if getattr(then, name) != getattr(now, name)]


def _combine(parts: Sequence[Judgement]) -> Outcome:
    """The worst of the required parts; those that are only recommended do not count."""
    counted = [part for part in parts if part.line.required]
    states: list[State] = [part.outcome.state for part in counted]
    worst: State = max(states, key=_BADNESS.__getitem__, default="open")
    holding = sum(part.outcome.state == "holds" for part in counted)
    bad = [part.line.id for part in counted if part.outcome.state not in GOOD]
    text = f"{holding} of {len(counted)} hold"
    if bad:
        text = f"{text}; not {some_of(bad, SHOWN)}"
    return Outcome(worst, text)


def measure_of(line: Line, facts: Facts) -> str:
    """The line's statistic, window and threshold, with the configured values."""
    return line.measure.format_map(msgspec.structs.asdict(facts.limits))
