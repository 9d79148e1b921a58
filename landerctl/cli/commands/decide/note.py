"""`landerctl note`."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from checks.checklist.golive.deployment import Deployment, deployment, free_notes
from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.record import Entry
from daemon.base.paths import RunPaths
from daemon.base.text.one_line import one_line
from daemon.rollback.incident_log import local_time
from daemon.runs import notes
from daemon.runs.run_folder import current_run
from landerctl.cli.shared.ledger import add_record, facts_of, this_user, with_record
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.decision.go_live import add_note
from landerctl.operations.runs.edits import changing_runs

EXAMPLES = examples(
    "landerctl note                                 the run's production notes",
    "landerctl note 'moved to the faster machine'",
)


class Note(msgspec.Struct, frozen=True):
    """A free note. `time_s`: Unix."""

    time_s: float
    by: str
    text: str


class NoteOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl note --json`. `deployed` None: not yet."""

    run_id: str
    deployed: Deployment | None
    notes: list[Note]
    file: str  # notes.md, in which people may have written more


def note(
    context: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="A note to add.", metavar="[TEXT]", show_default=False)
    ] = None,
    *,
    by: Annotated[
        str | None,
        typer.Option(help="Who writes it (default: you).", metavar="NAME", show_default=False),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the run's production notes, or add one."""
    session = open_session(context, home, config)
    run = current_run(session.paths)
    if run is None:
        raise Failure(
            f"{session.paths.home}: no run to note about; begin with `landerctl start`",
            Exit.NOT_FOUND,
        )
    return note_about(session, run, text, by=by, as_json=as_json)


def note_about(
    session: Session, run: RunPaths, text: str | None, *, by: str | None, as_json: bool
) -> int:
    """Show a run's production notes, or add one. Raises Failure."""
    if text is not None and not text.strip():
        raise Failure("the note is empty", Exit.USAGE)
    facts = facts_of(session)
    if run != current_run(session.paths):
        address = address_of(session.paths, session.load_config(), run)
        facts = msgspec.structs.replace(facts, address=address)
    if text is not None:
        entry = Entry(
            kind="note",
            subject="production",
            time_s=time.time(),
            address=facts.address,
            text=one_line(text.strip()),
            by=one_line(by or this_user()),
        )
        facts = with_record(facts, add_record(session.paths, entry))
        with changing_runs(session.paths):
            add_note(run, f"{local_time(entry.time_s)}, {entry.by}: {entry.text}")
    found = NoteOutput(
        run.id,
        deployment(facts),
        [
            Note(record.entry.time_s, record.entry.by, record.entry.text)
            for record in free_notes(facts)
        ],
        str(run.notes),
    )
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _show(found, run)
    return Exit.OK


def _show(found: NoteOutput, run: RunPaths) -> None:
    print(f"Production notes of run {found.run_id}")
    deployed = found.deployed
    blank = "not yet: `landerctl golive` fills it in"
    fields = {
        notes.DATE: deployed and deployed.date,
        notes.BY: deployed and deployed.by,
        notes.CONFIGURATION: deployed and deployed.configuration,
        notes.SUCCESS_RATE: deployed and (deployed.success_rate or "not known then"),
    }
    for name, value in fields.items():
        print(f"  {name + ':':<22} {one_line(value or blank)}")
    if deployed is not None and deployed.overridden:
        print(f"  {'Over a NO-GO:':<22} {one_line(deployed.why)}")
    print(f"  {'Notes:':<22} {len(found.notes) or 'none'}")
    for one in found.notes:
        print(f"    {local_time(one.time_s)}, {one.by}: {one_line(one.text)}")
    print(f"  Also in {run.notes}, where people may have written more.")
