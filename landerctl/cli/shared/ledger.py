"""The ledger of the checklist's evidence, for verbs: judging by it and adding to it."""

from __future__ import annotations

import os
import time

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.gather import gather_facts
from checks.checklist.ledger.ledger import Ledger, LedgerError, append
from checks.checklist.ledger.record import Entry, Record
from daemon.base.paths import StatePaths
from daemon.base.user import user_name
from landerctl.cli.shared.session import Session
from landerctl.drills.catalog import USUAL_S
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.decision.judged import Decision, decide_on


class CannotJudgeFailure(Failure):
    """The evidence or the thresholds cannot be read."""


def judge_home(session: Session) -> Decision:
    """Judge every line, and decide. Raises CannotJudgeFailure."""
    return decide_on(facts_of(session), USUAL_S)


def facts_of(session: Session) -> Facts:
    """The facts of now. Raises CannotJudgeFailure."""
    facts = gather_facts(session.paths, time.time(), session.config_files, os.environ)
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
