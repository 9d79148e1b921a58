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
from daemon.base.identity import flock_is_held
from daemon.config import Config, ConfigError
from daemon.config.frozen import load_frozen
from daemon.config.sections import FROZEN
from daemon.processes.priority import LOWEST
from daemon.processes.state_folder import ClaimError, check_home
from daemon.protocol.finding import Finding
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.drills.catalog import DRILLS
from landerctl.drills.conduct import conduct
from landerctl.drills.due import due
from landerctl.drills.model import DrillKind
from landerctl.drills.scratch.folder import DrillsBusyError, drills_lock
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption, one_line

EXAMPLES = examples(
    "landerctl drill environment",
    "landerctl drill backup rollback --json",
    "landerctl drill due                  for cron: those whose evidence is missing or old",
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
    try:
        check_home(session.paths)
        with drills_lock(session.paths):
            _warn(session, kinds)
            os.setpriority(os.PRIO_PROCESS, 0, LOWEST)
            records = [_conducted(session, kind) for kind in kinds]
    except ClaimError as error:
        raise Failure(str(error), Exit.CANNOT_WRITE) from None
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except DrillsBusyError as error:
        raise Failure(str(error), Exit.BUSY) from None
    except LedgerError as error:
        raise Failure(str(error), Exit.DAMAGED) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or session.paths.drills}: {error.strerror}; free space or change "
            "its permissions",
            Exit.CANNOT_WRITE,
        ) from None
    if as_json:
        print(msgspec.json.encode(DrillOutput(records)).decode())
    elif not kinds:
        print("No drill is due")
    return Exit.OK if all(record.entry.holds for record in records) else Exit.FAILED


def _conducted(session: Session, kind: DrillKind) -> Record:
    expected = f"about {duration(kind.expected_s)}"
    print(f"drill {kind.name}: {kind.purpose} ({expected})", file=sys.stderr)
    progress = _Progress(kind.expected_s)
    try:
        with interruption(f"nothing was recorded of drill {kind.name}"):
            record = conduct(
                kind, session.paths, _settings(session), report=progress, found=progress.show
            )
    finally:
        progress.clear()
    text = f"drill {kind.name}: {record.entry.text}, took {duration(record.entry.took_s)}"
    print(text, file=sys.stderr)
    return record


def _warn(session: Session, kinds: list[DrillKind]) -> None:
    """Say what drills cost the training beside which they run."""
    if kinds and _trains(session):
        took = duration(sum(kind.expected_s for kind in kinds))
        print(
            f"A training runs in {session.paths.home}: it is a little slower while the drills run "
            f"at the lowest priority (nice {LOWEST}), and they take longer than {took}",
            file=sys.stderr,
        )


def _trains(session: Session) -> bool:
    run = current_run(session.paths)
    return run is not None and flock_is_held(run.lease)


def _kinds(session: Session, names: list[str]) -> list[DrillKind]:
    chosen: list[str] = []
    for name in names:
        if name == ALL:
            chosen += DRILLS
        elif name == DUE:
            facts = gather_facts(session.paths, time.time(), session.config_files, os.environ)
            chosen += due(facts, DRILLS)
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


class _Progress:
    """Shows findings, and on a terminal what a drill does and how long it still takes."""

    def __init__(self, expected_s: float) -> None:
        self._began = time.monotonic()
        self._expected_s = expected_s
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, text: str, share: float) -> None:
        """Replace the line of progress."""
        if not self._is_terminal:
            return
        took_s = time.monotonic() - self._began
        # Until a tenth is done, the time so far says little.
        total_s = took_s / share if share > 0.1 else max(self._expected_s, took_s)
        left = f", about {duration(total_s - took_s)} left"
        print(f"\r\x1b[K  {share:4.0%} {text}{left}", end="", file=sys.stderr, flush=True)

    def show(self, finding: Finding) -> None:
        """Print a finding above the line of progress."""
        self.clear()
        text = f"{_MARKS[finding.holds]:<6} {finding.key:<24} {one_line(finding.text)}"
        print(f"  {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the line of progress."""
        if self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
