"""Which lines turned since the last judgement. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.checklist.facts import Facts
from checks.checklist.judge import Judgement
from checks.checklist.judges.burn_in import burn_in_hours
from daemon.protocol.checklist import Judged, Turned
from daemon.store.records import JudgedLines


def judged(judgements: Mapping[str, Judgement], facts: Facts, before: JudgedLines | None) -> Judged:
    """The judgement, with the lines that turned, the worst first; none at the first time."""
    address = facts.address
    of = f"{address.version} {address.fingerprint} {address.run or ''}"
    known = before.states if before is not None else {}
    same = before is not None and before.of == of
    turned = [
        Turned(
            id_,
            known[id_],
            one.outcome.state,
            one.outcome.text,
            worse=same and known[id_] == "holds" and one.outcome.state != "does not apply",
        )
        for id_, one in judgements.items()
        if id_ in known and known[id_] != one.outcome.state
    ]
    return Judged(
        time_s=facts.now_s,
        of=of,
        states={id_: one.outcome.state for id_, one in judgements.items()},
        turned=sorted(turned, key=lambda one: not one.worse),
        problem=facts.ledger.problem,
        burn_in_h=burn_in_hours(facts),
        burn_in_needed_h=facts.limits.burn_in_h,
    )
