"""`landerctl config diff`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from daemon.config import Config, ConfigError, LoadedConfig, Sources, load_config
from daemon.config.layering.settings import Setting, differences, settings_of
from daemon.config.sections import FROZEN
from daemon.plugins.loading import load_with_plugins
from daemon.runs.references import UnknownRunError, resolve_run
from landerctl.cli.arguments.checkpoints import run_config
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

DEFAULTS, DAEMON = "defaults", "daemon"
EXAMPLES = examples(
    "landerctl config diff defaults current      what the current run changed",
    "landerctl config diff daemon lab.toml",
    "landerctl config diff smooth-newton brave-ride --json",
)


class Differing(msgspec.Struct, frozen=True):
    """One element of the JSON; null: the setting is not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class _Side:
    config: Config
    loaded: LoadedConfig | None  # None: of a run, which keeps some sections only

    def settings(self, sections: Iterable[str]) -> list[Setting]:
        """Without the alert rules of plugins: what is installed is not what a file says, and they
        are looked for only where a file names one.
        """
        return [one for one in settings_of(self.config, sections) if not self._is_of_plugin(one)]

    def _is_of_plugin(self, one: Setting) -> bool:
        return (
            self.loaded is not None
            and one.path.startswith("alerts[")
            and self.loaded.layered.origin(one.path).kind == "plugin"
        )


def diff(
    context: typer.Context,
    before: Annotated[
        str, typer.Argument(metavar="A", help="A file, a run, `defaults` or `daemon`.")
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="What it is compared with.")],
    *,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print the settings that differ between files, runs and defaults.

    Exit code 0 if none does, 1 if one does.

    With a run, only the sections that a run keeps are compared.
    """
    session = open_session(context, home, config)
    first, second = _side(session, before), _side(session, after)
    with_run = first.loaded is None or second.loaded is None
    sections = FROZEN if with_run else Config.__struct_fields__
    found = differences(first.settings(sections), second.settings(sections))
    if as_json:
        rows = [Differing(one.name, _shown(one.before), _shown(one.after)) for one in found]
        print(msgspec.json.encode(rows).decode())
    elif found:
        table = [("SETTING", before, after)]
        table += [(one.name, _text(one.before), _text(one.after)) for one in found]
        print("\n".join(aligned(table)))
    return Exit.FAILED if found else Exit.OK


def _side(session: Session, named: str) -> _Side:
    if named == DEFAULTS:
        return _side_of(load_config(None))
    if named == DAEMON:
        return _side_of(session.loaded_config())
    if _is_file(named):
        try:
            sources = Sources((str(Path(named).absolute()),))
            return _side_of(load_with_plugins(sources))
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None
    try:
        run = resolve_run(session.paths, named)
    except UnknownRunError as error:
        text = f"{error}; or name a file, `{DEFAULTS}` or `{DAEMON}`"
        raise Failure(text, Exit.NOT_FOUND) from None
    return _Side(run_config(run), None)


def _side_of(loaded: LoadedConfig) -> _Side:
    return _Side(loaded.written, loaded)


def _is_file(named: str) -> bool:
    return os.sep in named or named.endswith(".toml") or Path(named).is_file()


def _shown(setting: Setting | None) -> Any:
    return None if setting is None else setting.shown


def _text(setting: Setting | None) -> str:
    return "(none)" if setting is None else setting.text
