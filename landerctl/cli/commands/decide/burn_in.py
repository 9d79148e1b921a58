"""`landerctl burn-in`."""

from __future__ import annotations

import os
import sys
import time
from threading import Event as Pause
from typing import Annotated

import msgspec
import typer

from checks.checklist.gather import gather_facts
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.decision.burn_in import BurnInOutput, describe, render

EXAMPLES = examples(
    "landerctl burn-in",
    "landerctl burn-in --watch",
    "landerctl burn-in --json | jq .hours",
)
WATCH_S = 10.0


def burn_in(
    context: typer.Context,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help=f"Show it every {WATCH_S:g} s, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show how far the burn-in is, when it is complete, and what endangers it."""
    session = open_session(context, home, config)
    pause = Pause()
    while True:
        found = _look(session)
        if as_json:
            print(msgspec.json.encode(found).decode(), flush=True)
        else:
            clear = "\x1b[H\x1b[2J" if watch and sys.stdout.isatty() else ""
            print(f"{clear}{render(found)}", flush=True)
        if not watch:
            return Exit.OK
        pause.wait(WATCH_S)


def _look(session: Session) -> BurnInOutput:
    facts = gather_facts(session.paths, time.time(), session.config_files, os.environ)
    found = describe(facts)
    if found is not None:
        return found
    problem = facts.evidence.home_problem or facts.evidence.store.problem
    raise Failure(
        problem or f"{session.paths.home}: no run yet; start one with `landerctl start`",
        Exit.UNKNOWN,
    )
