"""`landerctl review`."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import msgspec
import typer

from checks.checklist.ledger.ledger import LedgerError, read_ledger
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.reviews.collect import Reviewed
from checks.checklist.reviews.earlier import reviews_of
from checks.checklist.reviews.make import keep_span, make_review
from checks.checklist.reviews.review import SPAN
from checks.checklist.reviews.text import render, title
from daemon.base.text.counted import counted
from daemon.config import ConfigError
from daemon.protocol.control import SendReviewRequest
from daemon.runs.review_schedule import KINDS, Span
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreError
from landerctl.cli.arguments.checkpoints import find_checkpoint
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.shared.daemon_request import ask
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.drills.scratch.leash import leashed
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import BEST

EXAMPLES = examples(
    "landerctl review                    the last 24 hours against those before",
    "landerctl review weekly --evaluate --send",
    "landerctl review --since 6h --json",
    "landerctl review list",
    "landerctl review 12                 a kept one, by its number",
)
LIST = "list"


class KeptReview(msgspec.Struct, frozen=True):
    """A review; `record`: its number in the ledger, None if it is not kept."""

    record: int | None
    review: Entry


def review(
    context: typer.Context,
    *,
    which: Annotated[
        str,
        typer.Argument(
            metavar="[daily|weekly|list|NUMBER]",
            help="What to review until now: the last day or week. list: the kept reviews. A "
            "number: one of them.",
            autocompletion=completer(words=dict.fromkeys([*KINDS, LIST], "")),
            show_default=False,
        ),
    ] = "",
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Fly the best model first: minutes of two cores.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send it to reviews.targets, by the running daemon.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Review the training of a span against the span before it, also of a stopped run.

    Daily and weekly reviews are kept in the ledger, as those that the daemon makes.
    """
    if which and (since or until):
        raise Failure(f"{which} and --since or --until: give only one of them", Exit.USAGE)
    session = open_session(context, home, config)
    of = _reviewed(session)
    if which == LIST:
        return _list(of, as_json=as_json)
    if evaluate:
        _evaluate(session, of)
    found = _kept(of, int(which)) if which.isdecimal() else _made(of, which, since, until)
    text = render(found.review)
    print(msgspec.json.encode(found).decode() if as_json else text)
    if send:
        print(ask(session, SendReviewRequest(found.review.subject, text)).text, file=sys.stderr)
    return Exit.OK


def _reviewed(session: Session) -> Reviewed:
    run = current_run(session.paths)
    if run is None:
        raise Failure(
            f"{session.paths.home}: no run to review; `landerctl start` creates one",
            Exit.NOT_FOUND,
        )
    return Reviewed(session.paths, run, session.load_config())


def _made(of: Reviewed, which: str, since: str | None, until: str | None) -> KeptReview:
    now_s = float(int(time.time()))
    try:
        for kind in KINDS:
            if which == kind or (kind == "daily" and not which and not (since or until)):
                record = keep_span(of, kind, now_s)
                return KeptReview(record.sequence, record.entry)
        if which:
            choices = ", ".join([*KINDS, LIST])
            raise Failure(f"no review {which!r}; write {choices} or a number", Exit.USAGE)
        span, before = _spans(since, until, now_s)
        return KeptReview(None, make_review(of, SPAN, span, before, now_s))
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except LedgerError as error:
        raise Failure(str(error), Exit.DAMAGED) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or of.paths.ledger}: {error.strerror}; free space or change its "
            "permissions",
            Exit.CANNOT_WRITE,
        ) from None


def _spans(since: str | None, until: str | None, now_s: float) -> tuple[Span, Span]:
    """The span, and the one of the same length before it."""
    until_s = moment(until, now_s) if until else now_s
    since_s = moment(since, now_s) if since else until_s - 86_400.0
    if since_s >= until_s:
        raise Failure(f"--since {since} is not before its end; give an earlier time", Exit.USAGE)
    return Span(since_s, until_s), Span(2.0 * since_s - until_s, since_s)


def _kept(of: Reviewed, number: int) -> KeptReview:
    for record in _records(of):
        if record.sequence == number:
            return KeptReview(record.sequence, record.entry)
    raise Failure(
        f"no review {number} of run {of.run.id}; see `landerctl review list`", Exit.NOT_FOUND
    )


def _list(of: Reviewed, *, as_json: bool) -> int:
    """The kept reviews, newest first."""
    records = _records(of)
    if as_json:
        kept = [KeptReview(record.sequence, record.entry) for record in records]
        print(msgspec.json.encode(kept).decode())
        return Exit.OK
    for record in records:
        print(f"{record.sequence:>5}  {title(record.entry)}\n       {record.entry.text}")
    if not records:
        print(f"no review of run {of.run.id} yet; `landerctl review daily` makes one")
    return Exit.OK


def _records(of: Reviewed) -> list[Record]:
    try:
        return list(reviews_of(read_ledger(of.paths.ledger), of.run.id))
    except OSError as error:
        raise Failure(f"{of.paths.ledger}: {error.strerror}") from None


def _evaluate(session: Session, of: Reviewed) -> None:
    """Fly the best state on evaluation seeds; the result is stored in the run's folder."""
    folder = find_checkpoint(session, of.run, BEST)
    episodes = of.config.checklist.review_episodes
    print(f"flying {counted(episodes, 'episode')} of {folder.name}", file=sys.stderr)
    command = [
        sys.executable,
        "-P",
        "-m",
        "daemon.trainer",
        "evaluate",
        "--run",
        str(of.run.folder),
    ]
    command += ["--checkpoint", str(folder), "--episodes", str(episodes), "--json"]
    try:
        with leashed(command, of.run.log) as process:
            assert process.stdout is not None
            process.stdout.read()
            code = process.wait()
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    if code:
        raise Failure(f"{folder.name} was not evaluated: exit code {code}, see {of.run.log}")
