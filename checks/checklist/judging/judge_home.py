"""`python -m checks.checklist.judging.judge_home`: judges a state folder for its daemon.

Appends to the ledger what is due of the live lines, and prints the judgement as one JSON object
(daemon.protocol.checklist.Judged).
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import msgspec

from checks.checklist.gather import gather_facts
from checks.checklist.judge import judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.judging.live_record import due_record
from checks.checklist.judging.turned import judged
from checks.checklist.ledger.ledger import LedgerError, append
from checks.checklist.performance.keep import entries_to_keep
from checks.checklist.table.all import LINES
from daemon.base.paths import StatePaths
from daemon.processes.lifeline import end_with_input
from daemon.protocol.checklist import Judged
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import JudgedLines

_log = logging.getLogger(__name__)


def judge_home(paths: StatePaths, now_s: float) -> Judged:
    """The judgement at `now_s` (Unix); what is due is appended to the ledger."""
    before = _last(paths)
    facts = gather_facts(paths, now_s, (), os.environ)
    judgements = judge_all(LINES, JUDGES, facts)
    entry = due_record(judgements, facts)
    due = [] if entry is None else [entry]
    due += entries_to_keep(facts.performance, facts.ledger, facts.address, now_s)
    if due:
        try:
            append(paths.ledger, *due)
        except (LedgerError, OSError) as error:
            _log.warning("the checklist's evidence is not kept: %s", error)
    return judged(judgements, facts, before)


def _last(paths: StatePaths) -> JudgedLines | None:
    try:
        with StoreReader.open(paths.store) as reader:
            return reader.judged_lines()
    except StoreError:
        return None


def main() -> int:
    """Judge once; the process ends with the one that started it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s checklist: %(message)s")
    end_with_input(lambda: os._exit(1))
    found = judge_home(StatePaths(arguments.home), time.time())
    print(msgspec.json.encode(found).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
