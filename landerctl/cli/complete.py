"""What the shell offers for the id of a checkpoint or backup."""

from __future__ import annotations

import typer

from checks.wording import percent
from landerctl.cli.backups import collect
from landerctl.cli.session import open_session
from landerctl.failure import Failure


def complete_ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids with stage and success. A completion has no place for errors: then there are none."""
    session = open_session(context, context.params.get("home"), context.params.get("config"))
    try:
        entries = collect(session.paths, session.load_config())
    except (Failure, OSError):
        return []
    return [
        (entry.id, f"{entry.kind}, stage {entry.stage}, success {percent(entry.success_rate)}")
        for entry in entries
        if entry.state != "damaged" and entry.id.startswith(incomplete)
    ]
