"""`python -m checks.checklist.reviews`: makes a due review of a state folder for its daemon.

Keeps it in the ledger, and prints it as one JSON object (daemon.protocol.review.ReviewMade).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import msgspec

from checks.checklist.ledger.ledger import LedgerError
from checks.checklist.reviews.collect import Reviewed
from checks.checklist.reviews.make import keep_review
from checks.checklist.reviews.text import render
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, Sources, load_sources
from daemon.plugins.data import plugin_data
from daemon.processes.lifeline import end_with_input
from daemon.protocol.review import ReviewMade
from daemon.runs.review_schedule import KINDS
from daemon.store.reader import StoreError


def main() -> int:
    """Make one review; the process ends with the one that started it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("until_s", type=float, help="end of the day or week (Unix)")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--config", action="append", default=[])
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    end_with_input(lambda: os._exit(1))
    paths = StatePaths(arguments.home)
    try:
        sources = Sources(tuple(arguments.config), {}, tuple(arguments.set), plugin_data())
        config = load_sources(sources).config
        of = Reviewed(paths, paths.run(arguments.run), config)
        record = keep_review(of, arguments.kind, arguments.until_s, time.time())
    except (ConfigError, LedgerError, StoreError) as error:
        print(f"review: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"review: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    entry = record.entry
    made = ReviewMade(
        kind=arguments.kind,
        since_s=float(entry.figures["since_s"] or 0.0),
        until_s=arguments.until_s,
        record=record.sequence,
        headline=entry.text,
        text=render(entry),
    )
    print(msgspec.json.encode(made).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
