"""`landerctl logs`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice, takewhile
from threading import Event as Pause
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from daemon.base.text.one_line import one_line
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import find_run_folder
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.logs.reader import SOURCES, LogFilter, LogReader, SourceName
from landerctl.operations.logs.record import Level, LogRecord, Place, Source, source_label

EXAMPLES = examples(
    "landerctl logs -n 100",
    "landerctl logs --follow --level warning",
    "landerctl logs --since 2h --grep 'rollback|restore'",
    "landerctl logs --source trainer --level error",
    "landerctl logs --since 1d --json | jq -r .text",
)
NEWEST = 50
POLL_S = 0.5
LEAST_S = 0.001  # the least difference of two times in the logs
STYLES: dict[Level, str] = {
    "debug": "dim",
    "info": "",
    "warning": "yellow",
    "error": "bold red",
    "critical": "bold red",
}
_TIME_CELLS = 23
_PROGRAMS: dict[SourceName, str] = {
    "supervisor": "the daemon",
    "landerctl": "tracebacks of commands",
    "trainer": "what the training printed",
    "tensorboard": "what TensorBoard printed",
}


class LogLine(msgspec.Struct, frozen=True):
    """A record as `--json` prints it."""

    time_s: float | None
    source: str
    run_id: str | None
    level: Level
    logger: str
    text: str


def logs(
    context: typer.Context,
    *,
    keep_following: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for new lines until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only logs of this program: {', '.join(SOURCES)}; repeatable.",
            metavar="NAME",
            autocompletion=completer(words=dict(_PROGRAMS.items())),
            show_default=False,
        ),
    ] = None,
    level: Annotated[Level, typer.Option(help="Only records at least this severe.")] = "debug",
    grep: Annotated[
        str | None,
        typer.Option(
            help="Only records with this regular expression; small letters match capitals too.",
            metavar="PATTERN",
            show_default=False,
        ),
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option(
            "--lines",
            "-n",
            help=f"Number of newest records (default: {NEWEST}; with --since: all).",
            min=1,
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            help="Only the logs of this run, by its id or name: its trainer's and TensorBoard's.",
            metavar="RUN",
            autocompletion=completer("runs"),
            show_default=False,
        ),
    ] = None,
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the logs of supervisor, trainers and commands as one, by time."""
    session = open_session(context, home, config)
    now_s = time.time()
    since_s = moment(since, now_s) if since else None
    until_s = moment(until, now_s) if until else None
    if keep_following and until:
        raise Failure("--follow has no end: leave --until out", Exit.USAGE)
    wanted = LogFilter(level, _pattern(grep) if grep else None, until_s)
    run_id = None if run is None else find_run_folder(session, run, "to show").id
    reader = LogReader(session.paths, names=_names(source), run_id=run_id)
    show = _printer(as_json)
    try:
        end = reader.end()
        if not end:
            text = f"{session.paths.home}: no such log yet; `landerctl start` begins the logs"
            raise Failure(text, Exit.UNKNOWN)
        if since_s is not None and lines is None:
            _show_since(reader, since_s, end, wanted, show)
        else:
            before = end if until_s is None else reader.at(until_s + LEAST_S)
            for record in _newest(reader.back(before), wanted, since_s, lines or NEWEST):
                show(record)
        if keep_following:
            _follow(reader, end, wanted, show)
    except BrokenPipeError:
        raise
    except OSError as error:
        text = f"{error.filename or 'a log'}: {error.strerror}; run as the user of the daemon?"
        raise Failure(text, Exit.UNKNOWN) from None
    return Exit.OK


def _show_since(
    reader: LogReader,
    since_s: float,
    end: dict[Source, Place],
    wanted: LogFilter,
    show: Callable[[LogRecord], None],
) -> None:
    """Show all records from a time on; `end` is set behind them."""
    for record in reader.forward(reader.at(since_s)):
        if wanted.until_s is not None and record.order_s > wanted.until_s:
            return
        end[record.source] = record.end
        if wanted.accepts(record):
            show(record)


def _newest(
    records: Iterator[LogRecord], wanted: LogFilter, since_s: float | None, count: int
) -> list[LogRecord]:
    """The newest of the records that come newest first; in order."""
    recent = takewhile(lambda record: since_s is None or record.order_s >= since_s, records)
    return list(islice(filter(wanted.accepts, recent), count))[::-1]


def _follow(
    reader: LogReader,
    end: dict[Source, Place],
    wanted: LogFilter,
    show: Callable[[LogRecord], None],
) -> None:
    """Show what is written behind `end`; does not return."""
    pause = Pause()
    while True:
        for record in reader.grown(end):
            end[record.source] = record.end
            if wanted.accepts(record):
                show(record)
        pause.wait(POLL_S)


def _names(named: list[str] | None) -> tuple[SourceName, ...]:
    unknown = [name for name in named or () if name not in SOURCES]
    if unknown:
        raise Failure(f"--source {unknown[0]}: no such log; {', '.join(SOURCES)} are", Exit.USAGE)
    return tuple(name for name in SOURCES if not named or name in named)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, 0 if any(map(str.isupper, text)) else re.IGNORECASE)
    except re.error as error:
        text = f"--grep {text!r}: {error}; write \\ before ( [ . * + ? to search for them"
        raise Failure(text, Exit.USAGE) from None


def _printer(as_json: bool) -> Callable[[LogRecord], None]:
    """What prints a record; in colours only to a terminal, for they take most of the time."""
    console = Console(highlight=False)

    def show_json(record: LogRecord) -> None:
        line = LogLine(
            record.time_s,
            record.source.name,
            record.source.run_id,
            record.level,
            record.logger,
            "\n".join(record.lines),
        )
        print(msgspec.json.encode(line).decode(), flush=True)

    def show(record: LogRecord) -> None:
        for line in _lines(record):
            if console.color_system is None:
                print(line, flush=True)
            else:
                console.print(Text(line, style=STYLES[record.level]), soft_wrap=True)

    return show_json if as_json else show


def _lines(record: LogRecord) -> list[str]:
    at = " " * _TIME_CELLS
    if record.time_s is not None:
        moment_ = datetime.fromtimestamp(record.time_s)
        at = moment_.isoformat(sep=" ", timespec="milliseconds")
    logger = f"{record.logger}: " if record.logger else ""
    first, *others = record.lines
    lead = f"{at} {record.level.upper():<8} {source_label(record.source):<16} {logger}"
    return [lead + one_line(first), *(f"  {one_line(line)}" for line in others)]
