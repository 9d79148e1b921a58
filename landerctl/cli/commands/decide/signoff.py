"""`landerctl signoff`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer

from checks.checklist.facts import State
from checks.checklist.golive.verdict import evidence_lines, seen
from checks.checklist.judge import Judgement
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.model import Line, Person
from checks.checklist.signature import GOOD
from checks.checklist.table.all import LINES
from checks.checklist.table.golive import SIGNATURES
from checks.wording import some_of
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.rollback.incident_log import local_time
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.ledger import add_record, judge_home, with_record
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.drills.catalog import USUAL_S
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.decision.judged import Decision, decide_on

EXAMPLES = examples(
    "landerctl signoff list",
    "landerctl signoff qa --by 'Ada Lovelace' --note 'tested on two machines'",
    "landerctl signoff qa --by 'Ada Lovelace' --withdraw",
)
LIST = "list"
SHOWN = 8
_SAID: dict[str, Line] = {
    line.judge.subject: line for line in LINES if isinstance(line.judge, Person)
}
_ROLES = frozenset(
    line.judge.subject for line in SIGNATURES.lines if isinstance(line.judge, Person)
)


class Signed(msgspec.Struct, frozen=True):
    """What can be signed, and how it is. `time_s`: Unix."""

    subject: str
    text: str
    state: State
    found: str
    by: str | None
    time_s: float | None
    record: int | None


class SignoffOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl signoff --json`: the record that was added, and all signatures."""

    added: Record | None
    signatures: list[Signed]


def signoff(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Argument(
            metavar="ROLE",
            help=f"{', '.join(_SAID)}; `{LIST}`: show all.",
            autocompletion=completer(
                words={name: line.text for name, line in _SAID.items()} | {LIST: "show all"}
            ),
        ),
    ],
    *,
    by: Annotated[str, typer.Option(help="The name of the person who signs.", metavar="NAME")] = "",
    note: Annotated[str, typer.Option(help="A note.", metavar="TEXT")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the signature back.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Sign for what only a person can say; a role's signature is bound to the evidence of now."""
    if role != LIST and role not in _SAID:
        raise Failure(f"no role {role!r}; roles are {', '.join(_SAID)}", Exit.USAGE)
    if role != LIST and not by.strip():
        raise Failure(f"who signs? `landerctl signoff {role} --by NAME`", Exit.USAGE)
    session = open_session(context, home, config)
    decision = judge_home(session)
    added = None
    if role != LIST:
        standing = decision.facts.ledger.newest("signoff", role)
        if withdraw and (standing is None or standing.entry.holds is False):
            raise Failure(f"{role}: there is no signature to withdraw", Exit.NOT_FOUND)
        entry = _entry(decision, role, one_line(by.strip()), one_line(note.strip()), withdraw)
        added = add_record(session.paths, entry)
        decision = decide_on(with_record(decision.facts, added), USUAL_S)
    if as_json:
        print(msgspec.json.encode(SignoffOutput(added, _signatures(decision))).decode())
    elif added is None:
        _show(_signatures(decision))
    elif withdraw:
        print(f"{role}: the signature is withdrawn (record {added.sequence})")
    else:
        _show_signed(added, role, decision.judgements)
    return Exit.OK


def _entry(decision: Decision, role: str, by: str, note: str, withdrawn: bool) -> Entry:
    figures = seen(decision.judgements) if role in _ROLES and not withdrawn else {}
    text = note
    if withdrawn:
        text = f"withdrawn: {note}" if note else "withdrawn"
    elif figures:
        held = f"{figures['holding']} of {figures['lines']} lines held"
        text = f"{note}; {held}" if note else held
    return Entry(
        kind="signoff",
        subject=role,
        time_s=time.time(),
        address=decision.facts.address,
        holds=not withdrawn,
        text=text,
        by=by,
        figures=figures,
    )


def _signatures(decision: Decision) -> list[Signed]:
    found = []
    for subject, line in _SAID.items():
        judgement = decision.judgements[line.id]
        record, outcome = judgement.record, judgement.outcome
        found.append(
            Signed(
                subject,
                line.text,
                outcome.state,
                outcome.text,
                None if record is None else record.entry.by,
                None if record is None else record.entry.time_s,
                None if record is None else record.sequence,
            )
        )
    return found


def _show(signatures: list[Signed]) -> None:
    for one in signatures:
        word = "FAILS" if one.state == "fails" else one.state
        at = f", {local_time(one.time_s)}" if one.time_s is not None else ""
        print(f"{word:<6} {one.subject:<16} {one.text}")
        print(f"       {'':<16} {one_line(one.found)}{at}")


def _show_signed(record: Record, role: str, judgements: Mapping[str, Judgement]) -> None:
    entry = record.entry
    print(f"{role}: signed by {entry.by} (record {record.sequence})")
    if role not in _ROLES:
        return
    bad = [line.id for line in evidence_lines() if judgements[line.id].outcome.state not in GOOD]
    print(f"Signed on {entry.figures['holding']} of {entry.figures['lines']} lines that hold.")
    if bad:
        print(f"Signed although {counted(len(bad), 'line')} did not: {some_of(bad, SHOWN)}")
    print("It does not count while a line that held now does not hold.")
