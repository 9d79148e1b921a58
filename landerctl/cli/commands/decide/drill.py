"""`landerctl drill`."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated

import msgspec
import typer

from checks.checklist.gather import gather_facts
from checks.checklist.ledger.ledger import LedgerError
from checks.checklist.ledger.record import Record
from checks.wording import duration
from daemon.config import Config, ConfigError
from daemon.config.frozen import load_frozen
from daemon.config.sections import FROZEN
from daemon.protocol.finding import Finding
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.drills.catalog import DRILLS
from landerctl.drills.conduct import conduct
from landerctl.drills.due import due
from landerctl.drills.model import DrillKind
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl drill environment",
    "landerctl drill backup rollback --json",
    "landerctl drill due                 for cron: those whose evidence is missing or old",
    "landerctl drill all",
)
ALL, DUE = "all", "due"
_MARKS = {True: "holds", False: "FAILS", None: "open"}


class DrillOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl drill --json`: the records that were added to the ledger."""

    records: list[Record]


def drill(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help=f"{', '.join(DRILLS)}; `{ALL}`; `{DUE}`: those whose evidence is missing or old.",
            autocompletion=completer(words=dict.fromkeys([*DRILLS, ALL, DUE], "")),
        ),
    ],
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Carry out procedures of the checklist in scratch copies, and record what they found."""
    session = open_session(context, home, config)
    kinds = _kinds(session, names)
    settings = _settings(session)
    records: list[Record] = []
    for kind in kinds:
        expected = f"about {duration(kind.expected_s)}"
        print(f"drill {kind.name}: {kind.purpose} ({expected})", file=sys.stderr)
        try:
            record = conduct(kind, session.paths, settings, report=_Progress(), found=_show)
        except LedgerError as error:
            raise Failure(str(error), Exit.DAMAGED) from None
        except OSError as error:
            raise Failure(
                f"{error.filename or session.paths.drills}: {error.strerror}; free space or change "
                "its permissions",
                Exit.CANNOT_WRITE,
            ) from None
        text = f"drill {kind.name}: {record.entry.text}, took {duration(record.entry.took_s)}"
        print(text, file=sys.stderr)
        records.append(record)
    if as_json:
        print(msgspec.json.encode(DrillOutput(records)).decode())
    return Exit.OK if all(record.entry.holds for record in records) else Exit.FAILED


def _kinds(session: Session, names: list[str]) -> list[DrillKind]:
    chosen: list[str] = []
    for name in names:
        if name == ALL:
            chosen += DRILLS
        elif name == DUE:
            facts = gather_facts(session.paths, time.time(), session.config_file, os.environ)
            chosen += due(facts)
        elif name in DRILLS:
            chosen.append(name)
        else:
            raise Failure(f"no drill {name!r}; drills are {', '.join(DRILLS)}", Exit.USAGE)
    return [DRILLS[name] for name in dict.fromkeys(chosen)]


def _settings(session: Session) -> Config:
    """The configuration in use, with what the current run has frozen. Raises Failure."""
    config = session.load_config()
    run = current_run(session.paths)
    if run is None:
        return config
    try:
        frozen = load_frozen(run.config)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    return msgspec.structs.replace(config, **{name: getattr(frozen, name) for name in FROZEN})


def _show(finding: Finding) -> None:
    print(f"  {_MARKS[finding.holds]:<6} {finding.key:<24} {finding.text}", file=sys.stderr)


class _Progress:
    """Shows what a drill does, and how long it still takes, on a terminal."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str, share: float) -> None:
        if not sys.stderr.isatty():
            return
        took_s = time.monotonic() - self._began
        left = f", {duration(took_s / share - took_s)} left" if share > 0.05 else ""
        print(f"\r\x1b[K  {share:4.0%} {text}{left}", end="\r", file=sys.stderr, flush=True)
