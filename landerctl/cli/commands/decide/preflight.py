"""`landerctl preflight`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.evidence import Evidence
from checks.gather import gather
from checks.preflight.machine import collect_machine, machine_rows
from checks.preflight.outside import notify_rows, offsite_rows
from checks.preflight.row import Row, summary
from checks.preflight.settings import settings_row
from checks.preflight.software import collect_software, packages_row, python_row
from checks.preflight.system import (
    cache_row,
    clock_row,
    disk_speed_row,
    limits_rows,
    port_row,
    scheduler_rows,
)
from checks.verdict import Level, worst
from daemon.base.text.one_line import one_line
from daemon.config import Config, ConfigError, load_config, load_sources
from daemon.processes.state_folder import ClaimError, refuse_foreign
from daemon.supervisor.alerting.metric_check import check_metrics
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.preflight.clock import clock_synchronised
from landerctl.operations.preflight.disk import measure_disk
from landerctl.operations.preflight.system import (
    cache_fact,
    limit_facts,
    port_facts,
    scheduler_facts,
)
from landerctl.operations.starting.flyable import refuse_unflyable

EXAMPLES = examples(
    "landerctl preflight",
    "landerctl preflight --send                   also a test message to each target",
    "landerctl preflight --json | jq '.rows[] | select(.level > 0)'",
)
_MARKS = {
    Level.OK: ("ok", "green"),
    Level.WARNING: ("WARN", "yellow"),
    Level.CRITICAL: ("FAIL", "bold red"),
    Level.UNKNOWN: ("?", "yellow"),
}
_NAME_CELLS = 15


class Output(msgspec.Struct, frozen=True):
    """The output of `landerctl preflight --json`. Levels: 0 ok, 1 WARN, 2 FAIL, 3 unknown."""

    level: Level
    took_s: float
    rows: list[Row]


def preflight(
    context: typer.Context,
    send: Annotated[
        bool, typer.Option("--send", help="Send a test message to each notification target.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Check machine, software, configuration and targets before a deployment."""
    session = open_session(context, home, config)
    began_s = time.monotonic()
    console = Console(highlight=False)
    rows = []
    for row in _rows(session, send=send):
        rows.append(row)
        if not as_json:
            _show(console, row)
    level = worst([row.level for row in rows])
    took_s = time.monotonic() - began_s
    if as_json:
        print(msgspec.json.encode(Output(level, round(took_s, 1), rows)).decode())
    else:
        console.print(Text(f"{summary(rows)}; took {took_s:.0f} s"))
    return {Level.OK: Exit.OK, Level.CRITICAL: Exit.FAILED}.get(level, Exit.WARNED)


def _rows(session: Session, *, send: bool) -> Iterator[Row]:
    """Each row as soon as it is known; the slow ones last."""
    paths = session.paths
    evidence = gather(paths, time.time())
    software = collect_software()
    config, settings = _configuration(session)
    known = config or load_config(None).config
    yield from machine_rows(collect_machine(evidence.disk), known.checklist, known.run.device)
    yield python_row(software)
    yield packages_row(software)
    yield settings
    yield _state_folder(session)
    yield clock_row(*clock_synchronised())
    yield from limits_rows(limit_facts())
    yield from map(port_row, port_facts(known, evidence.status, running=_runs(evidence)))
    yield cache_row(cache_fact())
    yield from scheduler_rows(scheduler_facts(paths))
    yield disk_speed_row(measure_disk(paths.home))
    if config is not None:
        # Loads obstore, which no other verb needs.
        from landerctl.operations.preflight.targets import (  # noqa: PLC0415
            try_notify,
            try_offsite,
        )

        # Both wait for answers.
        with ThreadPoolExecutor(max_workers=1) as pool:
            offsite = pool.submit(try_offsite, config)
            yield from notify_rows(try_notify(config, send=send))
            yield from offsite_rows(offsite.result())


def _runs(evidence: Evidence) -> bool:
    return evidence.lock_held and not evidence.silent


def _configuration(session: Session) -> tuple[Config | None, Row]:
    """The configuration that a start would use, if it is valid, and its row."""
    try:
        sources = session.find_sources()
        loaded = load_sources(sources)
        check_metrics(loaded)
        refuse_unflyable(loaded.config, str(sources))
    except (ConfigError, Failure) as error:
        row = Row("configuration", Level.CRITICAL, str(error), "correct that line")
        return None, row
    default = load_config(None).config
    return loaded.config, settings_row(
        loaded.config, default, " and ".join(sources.files) or "the defaults"
    )


def _state_folder(session: Session) -> Row:
    home = session.paths.home
    try:
        refuse_foreign(session.paths)
    except ClaimError as error:
        return Row("state folder", Level.CRITICAL, str(error), "name another --home")
    except ConfigError:
        return Row("state folder", Level.UNKNOWN, f"{home}: see its configuration")
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        text = f"{there} cannot be written"
        return Row("state folder", Level.CRITICAL, text, "change its permissions")
    return Row("state folder", Level.OK, str(home) if there == home else f"{home}, to be created")


def _show(console: Console, row: Row) -> None:
    mark, style = _MARKS[row.level]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=4)
    grid.add_column(width=_NAME_CELLS)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark, style), Text(row.name), Text(one_line(row.text)))
    if row.remedy:
        grid.add_row("", "", Text(one_line(row.remedy), "dim"))
    console.print(grid)
