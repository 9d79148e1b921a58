"""GO or NO-GO: each criterion, the lines it consists of, and the evidence of each line. Pure.

GO only if every criterion, every success criterion and every signature holds and no incident is
open. What holds is of this version, configuration and run, and fresh: that is what the judges of
the lines decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from checks.checklist.facts import Facts, State
from checks.checklist.golive.deployment import overrides
from checks.checklist.golive.next_steps import (
    Need,
    Step,
    next_steps,
    time_needed_s,
    what_to_do,
)
from checks.checklist.incidents import Incident, open_incidents
from checks.checklist.judge import Judgement, members
from checks.checklist.ledger.record import Record
from checks.checklist.model import Line, Lines, Phase
from checks.checklist.signature import GOOD, HELD
from checks.checklist.table.all import LINES
from checks.checklist.table.benchmarks import QUALITY
from checks.checklist.table.golive import CRITERIA, NOTES, SIGNATURES
from daemon.protocol.finding import Figure

INCIDENTS = "support.incidents"
_BY_ID = {line.id: line for line in LINES}


class Proof(msgspec.Struct, frozen=True):
    """A line and its evidence. `record`, `digest`: of the ledger; None where it is live."""

    id: str
    text: str
    state: State
    found: str
    figures: dict[str, Figure]
    since_s: float | None
    record: int | None
    digest: str | None
    remedy: str
    required: bool


class Criterion(msgspec.Struct, frozen=True):
    """A criterion of going live. `lines`: those that decide; its own, if it is judged itself."""

    id: str
    text: str
    state: State
    found: str
    lines: list[Proof]


class Verdict(msgspec.Struct, frozen=True):
    """The decision and all it rests on. `needed_s`: of the steps whose time is known."""

    go: bool
    criteria: list[Criterion]
    quality: list[Criterion]
    signatures: list[Criterion]
    incidents: list[Incident]  # open ones
    loosened: list[str]
    overrides: list[Record]
    steps: list[Step]
    needed_s: float
    evidence: str  # digest of all lines, their states and what they rest on

    @property
    def word(self) -> str:
        """``GO`` or ``NO-GO``."""
        return "GO" if self.go else "NO-GO"

    @property
    def blocking(self) -> list[Criterion]:
        """The criteria, success criteria and signatures that do not hold."""
        every = (*self.criteria, *self.quality, *self.signatures)
        return [one for one in every if one.state != "holds"]


def decide(
    judgements: Mapping[str, Judgement],
    facts: Facts,
    *,
    took_s: Mapping[str, float],
    loosened: Sequence[str] = (),
) -> Verdict:
    """The verdict on these judgements of all lines. `took_s`: by remedy, where it is known."""
    criteria, quality, signatures = (
        _criteria(phase, judgements) for phase in (CRITERIA, QUALITY, SIGNATURES)
    )
    opened = open_incidents(facts)
    has_run = facts.address.run is not None
    bad = _needs([*criteria, *quality, *signatures], has_run)
    if opened is None or opened:
        line, outcome = judgements[INCIDENTS].line, judgements[INCIDENTS].outcome
        bad[line.id] = Need(line.id, line.remedy, outcome.text)
    steps = next_steps(list(bad.values()), took_s)
    return Verdict(
        go=not bad,
        criteria=criteria,
        quality=quality,
        signatures=signatures,
        incidents=opened or [],
        loosened=list(loosened),
        overrides=overrides(facts),
        steps=steps,
        needed_s=time_needed_s(steps),
        evidence=evidence_digest(judgements),
    )


def leaves(line: Line) -> list[Line]:
    """The lines that decide about a line, which are judged themselves; in the table's order."""
    if not isinstance(line.judge, Lines):
        return [line]
    found: dict[str, Line] = {}
    for name in members(line.judge, LINES):
        found |= {one.id: one for one in leaves(_BY_ID[name])}
    return list(found.values())


def evidence_lines() -> list[Line]:
    """What a signature is given on: all required lines that are judged themselves, without the
    signatures and the production notes.
    """
    left_out = {line.id for phase in (SIGNATURES, NOTES) for line in phase.lines}
    return [
        line
        for line in LINES
        if line.required and line.id not in left_out and not isinstance(line.judge, Lines)
    ]


def evidence_digest(judgements: Mapping[str, Judgement]) -> str:
    """SHA-256 of each of `evidence_lines`: id, state, and the ledger's record or the figures."""
    content = []
    for line in evidence_lines():
        found = judgements[line.id]
        basis = found.record.digest if found.record else found.outcome.figures
        content.append((line.id, found.outcome.state, basis))
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()


def seen(judgements: Mapping[str, Judgement]) -> dict[str, Figure]:
    """What the signer of now sees: the figures of the signature's record."""
    lines = evidence_lines()
    held = [line.id for line in lines if judgements[line.id].outcome.state in GOOD]
    return {
        "evidence": evidence_digest(judgements),
        "lines": len(lines),
        "holding": len(held),
        HELD: " ".join(held),
    }


def _criteria(phase: Phase, judgements: Mapping[str, Judgement]) -> list[Criterion]:
    found = []
    for line in phase.lines:
        outcome = judgements[line.id].outcome
        proofs = [_proof(judgements[one.id]) for one in leaves(line)]
        text = proofs[0].found if len(proofs) == 1 else outcome.text
        found.append(Criterion(line.id, line.text, outcome.state, text, proofs))
    return found


def _needs(criteria: Sequence[Criterion], has_run: bool) -> dict[str, Need]:
    """By id, each line that keeps one of these from holding."""
    found: dict[str, Need] = {}
    for one in criteria:
        if one.state == "holds":
            continue
        bad = [proof for proof in one.lines if proof.required and proof.state not in GOOD]
        parts: Sequence[Proof | Criterion] = bad or [one]
        for part in parts:
            do = what_to_do(_BY_ID[part.id], part.state, has_run=has_run)
            found[part.id] = Need(part.id, do, part.found)
    return found


def _proof(judgement: Judgement) -> Proof:
    line, outcome, record = judgement.line, judgement.outcome, judgement.record
    return Proof(
        id=line.id,
        text=line.text,
        state=outcome.state,
        found=outcome.text,
        figures=outcome.figures,
        since_s=outcome.since_s,
        record=None if record is None else record.sequence,
        digest=None if record is None else record.digest,
        remedy=line.remedy,
        required=line.required,
    )
