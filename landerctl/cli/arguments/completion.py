"""What the shell offers for the id of a checkpoint or backup, and for a pilot."""

from __future__ import annotations

import typer

from checks.wording import percent
from daemon.protocol.flight import REFERENCE
from landerctl.cli.arguments.checkpoints import WORDS
from landerctl.cli.shared.session import open_session
from landerctl.failure import Failure
from landerctl.operations.state_listing import collect


def complete_ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids with stage and success. A completion has no place for errors: then there are none."""
    session = open_session(context, context.params.get("home"), context.params.get("config"))
    try:
        entries = collect(session.paths, session.load_config())
    except (Failure, OSError):
        return []
    return [
        (entry.id, f"{entry.place}, stage {entry.stage}, success {percent(entry.success_rate)}")
        for entry in entries
        if entry.state != "damaged" and entry.id.startswith(incomplete)
    ]


def complete_targets(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """What a rollback can go to: words, and ids."""
    words = {
        "last-good": "the newest good state",
        "best": "the one that landed best",
        "stage:": "the last good state of a stage, as stage:3",
        "before:": "the newest that is so old, as before:2h",
    }
    found = [(word, meaning) for word, meaning in words.items() if word.startswith(incomplete)]
    return [*found, *complete_ids(context, incomplete)]


def complete_checkpoints(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids, and the words that stand for one."""
    words = [(word, meaning) for word, meaning in WORDS.items() if word.startswith(incomplete)]
    return [*words, *complete_ids(context, incomplete)]


def complete_pilots(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The reference pilot, and checkpoints."""
    found = complete_checkpoints(context, incomplete)
    if REFERENCE.startswith(incomplete):
        return [(REFERENCE, "classical guidance and control"), *found]
    return found


def complete_runs(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of the state folder's runs, newest first."""
    session = open_session(context, context.params.get("home"), context.params.get("config"))
    found = session.paths.runs.glob("*/config.json")
    return sorted(f.parent.name for f in found if f.parent.name.startswith(incomplete))[::-1]
