"""What of the live lines is kept in the ledger: samples and events vanish after a month. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S, Judgement, recorded_live
from checks.checklist.ledger.record import Entry
from checks.checklist.model import Live
from daemon.protocol.finding import Finding

# A line that turns at each judgement must not fill the ledger.
TURNED_S = 3 * 3600.0
DAILY_S = DAY_S


def due_record(judgements: Mapping[str, Judgement], facts: Facts) -> Entry | None:
    """The entry to append now; None if there is none.

    Of lines that were decided for the first time in this run at once; of those that turned at most
    every TURNED_S; once a day of all whose finding has changed.
    """
    if facts.ledger.problem or facts.address.run is None:
        return None
    before = recorded_live(facts)
    newest = facts.ledger.newest("live")
    daily = facts.ledger.newest("live", "daily")
    age_s = facts.evidence.age_s
    is_daily = daily is None or age_s(daily.entry.time_s) >= DAILY_S
    recent = newest is not None and age_s(newest.entry.time_s) < TURNED_S
    findings: list[Finding] = []
    for one in judgements.values():
        outcome = one.outcome
        decided = outcome.state in ("holds", "fails") and one.record is None
        if not (isinstance(one.line.judge, Live) and decided):
            continue
        finding = Finding(one.line.id, outcome.state == "holds", outcome.text, outcome.figures)
        known = before[finding.key][1] if finding.key in before else None
        turned = known is not None and known.holds != finding.holds and not recent
        if known is None or turned or (is_daily and known != finding):
            findings.append(finding)
    if not findings:
        return None
    return Entry(
        kind="live",
        subject="daily" if is_daily else "turned",
        time_s=facts.now_s,
        address=facts.address,
        findings=tuple(findings),
    )
