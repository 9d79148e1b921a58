"""`landerctl plugins`."""

from __future__ import annotations

import msgspec
import typer

from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.config import ConfigError, LoadedConfig
from daemon.plugins.data import judged_plugins
from daemon.protocol.plugin import NOUNS
from daemon.runs.run_folder import current_run, read_run_config
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import PluginStatus
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.plugins import list_plugins

EXAMPLES = examples(
    "landerctl plugins",
    "landerctl plugins --json | jq '.[] | select(.state == \"disabled\")'",
)


def plugins(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the installed plugins: alert rules, checks, notifiers and vehicles of other packages.

    With package, version and state. None of their code runs for this.
    """
    session = open_session(context, home, config)
    loaded, refused = _loaded(session)
    rows = list_plugins(
        judged_plugins()[0], _of_daemon(session.paths), loaded, _vehicle(session.paths)
    )
    if as_json:
        print(msgspec.json.encode(rows).decode())
    elif rows:
        table = [("PLUGIN", "KIND", "PACKAGE", "STATE", "")]
        table += [
            (one.name, NOUNS[one.kind], f"{one.package} {one.version}", one.state, one.text)
            for one in rows
        ]
        print("\n".join(map(one_line, aligned(table))))
    else:
        print("No plugin is installed; docs/plugins.md shows how to make one")
    if refused is not None:
        raise refused
    return Exit.OK


def _loaded(session: Session) -> tuple[LoadedConfig | None, Failure | None]:
    """The configuration, or why there is none: a plugin that is not used may be the cause."""
    try:
        return session.loaded_config(), None
    except Failure as failure:
        return None, failure


def _of_daemon(paths: StatePaths) -> list[PluginStatus] | None:
    """The plugins that a running daemon found; None: none runs, or its store cannot be read."""
    if not lock_is_held(paths):
        return None
    try:
        with StoreReader.open(paths.store) as store:
            daemon = store.status().daemon
    except StoreError:
        return None
    return daemon.plugins if daemon else None


def _vehicle(paths: StatePaths) -> str | None:
    run = current_run(paths)
    try:
        return None if run is None else read_run_config(run).fleet.vehicle
    except ConfigError:
        return None
