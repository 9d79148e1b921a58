"""Shell completion of checkpoints, backups, rollback targets, pilots and runs."""

from __future__ import annotations

import typer

from checks.wording import percent
from daemon.protocol.flight import REFERENCE
from landerctl.cli.arguments.checkpoints import ALIASES, BEST
from landerctl.cli.shared.session import open_session
from landerctl.failure import Failure
from landerctl.operations.state_listing import collect


def complete_ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids with stage and success rate; empty on errors, which a completion cannot show."""
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
    """Targets of a rollback: keywords and ids."""
    keywords = {
        "last-good": "the newest good state",
        "best": ALIASES[BEST],
        "stage:": "the last good state of a stage, as stage:3",
        "before:": "the newest of at least this age, as before:2h",
    }
    found = [(word, meaning) for word, meaning in keywords.items() if word.startswith(incomplete)]
    return [*found, *complete_ids(context, incomplete)]


def complete_checkpoints(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids and their aliases."""
    keywords = [(word, meaning) for word, meaning in ALIASES.items() if word.startswith(incomplete)]
    return [*keywords, *complete_ids(context, incomplete)]


def complete_pilots(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The reference pilot and checkpoints."""
    found = complete_checkpoints(context, incomplete)
    if REFERENCE.startswith(incomplete):
        return [(REFERENCE, "classical guidance and control"), *found]
    return found


def complete_runs(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of the state folder's runs, newest first."""
    session = open_session(context, context.params.get("home"), context.params.get("config"))
    found = session.paths.runs.glob("*/config.json")
    return sorted(f.parent.name for f in found if f.parent.name.startswith(incomplete))[::-1]
