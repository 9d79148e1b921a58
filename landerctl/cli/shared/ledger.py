"""The ledger of the checklist's evidence, for verbs: judging by it and adding to it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.gather import gather_facts
from checks.checklist.golive.verdict import Verdict, decide
from checks.checklist.judge import Judgement, judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.ledger.ledger import Ledger, LedgerError, append
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.loosened import loosened
from checks.checklist.table.all import LINES
from daemon.base.paths import StatePaths
from daemon.base.user import user_name
from landerctl.cli.shared.session import Session
from landerctl.drills.catalog import DRILLS
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_HOUR_S = 3600.0


class CannotJudgeFailure(Failure):
    """The evidence or the thresholds cannot be read."""


@dataclass(frozen=True)
class Decision:
    """The verdict of now and what it was made of."""

    facts: Facts
    judgements: Mapping[str, Judgement]
    verdict: Verdict


def judge_home(session: Session) -> Decision:
    """Judge every line, and decide. Raises CannotJudgeFailure."""
    return decide_on(facts_of(session))


def decide_on(facts: Facts) -> Decision:
    """Judge every line by these facts, and decide."""
    judgements = judge_all(LINES, JUDGES, facts)
    verdict = decide(
        judgements,
        facts,
        took_s=_took_s(facts, judgements),
        loosened=list(loosened(facts).values()),
    )
    return Decision(facts, judgements, verdict)


def facts_of(session: Session) -> Facts:
    """The facts of now. Raises CannotJudgeFailure."""
    facts = gather_facts(session.paths, time.time(), session.config_file, os.environ)
    evidence = facts.evidence
    for problem, code in (
        (evidence.home_problem, Exit.CANNOT_WRITE),
        (facts.ledger.problem, Exit.DAMAGED),
        (evidence.config_problem, Exit.CONFIG),
    ):
        if problem:
            raise CannotJudgeFailure(problem, code)
    return facts


def add_record(paths: StatePaths, entry: Entry) -> Record:
    """Append to the ledger. Raises Failure."""
    try:
        return append(paths.ledger, entry)[0]
    except LedgerError as error:
        raise Failure(str(error), Exit.DAMAGED) from None
    except FileNotFoundError:
        raise Failure(
            f"{paths.home}: no such state folder; begin with `landerctl start`", Exit.NOT_FOUND
        ) from None
    except OSError as error:
        raise cannot_write(error, paths) from None


def with_record(facts: Facts, record: Record) -> Facts:
    """The facts once this record is in the ledger: nothing else is collected again."""
    return msgspec.structs.replace(facts, ledger=Ledger((*facts.ledger.records, record)))


def cannot_write(error: OSError, paths: StatePaths) -> Failure:
    """The failure for a file of the state folder that could not be written."""
    text = f"{error.filename or paths.ledger}: {os.strerror(error.errno or 0)}"
    return Failure(f"{text}; free space or change its permissions", Exit.CANNOT_WRITE)


def this_user() -> str:
    """The name of who calls, unless they give another."""
    return user_name(os.getuid())


def _took_s(facts: Facts, judgements: Mapping[str, Judgement]) -> dict[str, float]:
    """By remedy, how long it takes: a drill as the last time, the burn-in what it lacks."""
    found = {}
    for kind in DRILLS.values():
        record = facts.ledger.newest("drill", kind.name)
        found[f"landerctl drill {kind.name}"] = record.entry.took_s if record else kind.expected_s
    figures = judgements["golive.burn-in"].outcome.figures
    needed_h, trained_h = figures.get("needed_hours"), figures.get("hours")
    if isinstance(needed_h, float) and isinstance(trained_h, float):
        found["landerctl burn-in"] = max(0.0, needed_h - trained_h) * _HOUR_S
    return found
