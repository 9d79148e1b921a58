"""`landerctl golive`."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from checks.checklist.facts import State
from checks.checklist.golive.deployment import deployment
from checks.checklist.golive.next_steps import Step
from checks.checklist.golive.verdict import Criterion, Verdict
from checks.wording import duration
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.rollback.incident_log import local_time
from daemon.runs.run_folder import current_run
from landerctl.cli.shared.ledger import (
    CannotJudgeFailure,
    add_record,
    cannot_write,
    judge_home,
    this_user,
    with_record,
)
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import CANNOT_JUDGE, NO_GO, Exit
from landerctl.failure import Failure
from landerctl.operations.decision.go_live import fill_notes, verdict_entry
from landerctl.operations.decision.judged import Decision
from landerctl.presentation.verdict_wording import headline

EXAMPLES = examples(
    "landerctl golive",
    "landerctl golive --dry-run          do not record the verdict",
    "landerctl golive --json | jq -r '.decision.steps[].do'",
    "landerctl golive && ./deploy",
    "landerctl golive --override --why 'the launch window'",
)
SHOWN = 3  # lines that a step names
_STYLES: dict[State, str] = {
    "holds": "green",
    "fails": "bold red",
    "open": "yellow",
    "stale": "yellow",
    "does not apply": "",
}


class GoliveOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl golive --json`. `record`: its number in the ledger."""

    verdict: str  # "GO", "NO-GO" or "cannot judge"
    problem: str = ""  # why it cannot
    overridden: bool = False
    record: int | None = None
    decision: Verdict | None = None


def golive(
    context: typer.Context,
    *,
    override: Annotated[
        bool, typer.Option("--override", help="Go live over a NO-GO; recorded for ever.")
    ] = False,
    why: Annotated[
        str | None, typer.Option(help="Why it is overridden.", metavar="TEXT", show_default=False)
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Who decides (default: you).", metavar="NAME", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Record nothing.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Decide: GO if every go-live criterion holds, else NO-GO and what to do next."""
    if override != (why is not None and bool(why.strip())):
        raise Failure("--override and --why TEXT belong together", Exit.USAGE)
    session = open_session(context, home, config)
    try:
        decision = judge_home(session)
    except CannotJudgeFailure as error:
        if as_json:
            print(msgspec.json.encode(GoliveOutput("cannot judge", error.text)).decode())
        print(f"landerctl: cannot judge: {error.text}", file=sys.stderr)
        return CANNOT_JUDGE
    verdict = decision.verdict
    overridden = why is not None and not verdict.go
    record = None
    if not dry_run:
        # Before it is shown: whoever reads the output may close the pipe.
        record = _record(
            session, decision, one_line(by or this_user()), why if overridden else None
        )
    if as_json:
        output = GoliveOutput(verdict.word, overridden=overridden, record=record, decision=verdict)
        print(msgspec.json.encode(output).decode())
        return Exit.OK if verdict.go else NO_GO
    _show(verdict)
    if overridden and record is not None:
        print(f"\nOverridden; record {record} says so for ever. The verdict is still NO-GO.")
    return Exit.OK if verdict.go else NO_GO


def _record(session: Session, decision: Decision, by: str, why: str | None) -> int | None:
    """Record it; the number of the record. None where there is no state folder yet."""
    if not session.paths.home.is_dir():
        return None
    run = current_run(session.paths)
    reason = None if why is None else one_line(why.strip())
    try:
        entry = verdict_entry(decision.verdict, decision.facts, run, by=by, why=reason)
        record = add_record(session.paths, entry)
        if (run is not None and entry.subject != decision.verdict.word) or decision.verdict.go:
            deployed = deployment(with_record(decision.facts, record))
            if run is not None and deployed is not None:
                fill_notes(run, deployed)
    except OSError as error:
        raise cannot_write(error, session.paths) from None
    return record.sequence


def _show(verdict: Verdict) -> None:
    console = Console(highlight=False, soft_wrap=True)
    style = "bold green" if verdict.go else "bold red"
    console.print(f"[{style}]{verdict.word}[/]{escape(headline(verdict))}")
    for heading, criteria in (
        ("Go-live criteria", verdict.criteria),
        ("Success criteria", verdict.quality),
        ("Signatures", verdict.signatures),
    ):
        console.print(f"\n{heading}: {_count(criteria)} hold")
        for one in criteria:
            _show_criterion(console, one)
    if verdict.incidents:
        console.print(f"\n{counted(len(verdict.incidents), 'open incident')}")
        for incident in verdict.incidents:
            console.print(escape(f"  {incident.id}  {one_line(incident.title)}"))
    if verdict.steps:
        needed = duration(verdict.needed_s) if verdict.needed_s else ""
        console.print(f"\nWhat to do next{f', at least {needed}' if needed else ''}:")
        for number, step in enumerate(verdict.steps, 1):
            console.print(escape(f"{number:3}. {_step_text(step)}"))
            console.print(escape(f"     {_lines(step)}"))
    if verdict.overrides:
        console.print("\nWent live over a NO-GO:")
        for record in verdict.overrides:
            entry = record.entry
            text = (
                f"  {local_time(entry.time_s)}  {entry.by}: {entry.text} (run {entry.address.run})"
            )
            console.print(escape(one_line(text)))


def _step_text(step: Step) -> str:
    """A step and how long it takes."""
    if step.takes_s is None:
        return step.do
    return f"{step.do} (about {duration(step.takes_s)})"


def _show_criterion(console: Console, one: Criterion) -> None:
    word = f"{'FAILS' if one.state == 'fails' else one.state:<6}"
    if style := _STYLES[one.state]:
        word = f"[{style}]{word}[/]"
    console.print(f"  {word} {escape(one.text)} [dim]{escape(one.id)}[/]")
    if one.state != "holds":
        console.print(f"         {escape(one_line(one.found))}")


def _count(criteria: list[Criterion]) -> str:
    return f"{sum(one.state == 'holds' for one in criteria)} of {len(criteria)}"


def _lines(step: Step) -> str:
    if len(step.lines) == 1:
        known = f": {one_line(step.found)}" if step.do not in step.found else ""
        return f"{step.lines[0]}{known}"
    rest = f" and {len(step.lines) - SHOWN} more" if len(step.lines) > SHOWN else ""
    return f"{len(step.lines)} lines: {', '.join(step.lines[:SHOWN])}{rest}"
