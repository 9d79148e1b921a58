"""What a configuration is read from: files, variables of the environment, options --set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from daemon.base.paths import xdg_folder
from daemon.config.judging.error import ConfigError, LocatedFault, Origin, error_of
from daemon.config.layering.assign import Assignment, parse_assignment
from daemon.config.layering.layers import GivenLayer
from daemon.config.layering.plugin_data import PluginData
from daemon.config.read import is_there
from daemon.config.schema import Config
from daemon.config.secrets import FILES
from daemon.config.sections import FROZEN

# Settings that name files: relative to the folder of the file, or where the command was run.
NAMED_FILES = (*FILES, "terrain.height_map")
SET = "--set"
_PREFIX = "LANDERCTL_"
_VARIABLE = re.compile(rf"{_PREFIX}(?P<section>.+?)__(?P<key>.+)")


class Sources(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the settings come from that are not defaults; the daemon's are recorded."""

    files: tuple[str, ...] = ()  # a later one overrides
    variables: dict[str, str] = {}  # LANDERCTL_SECTION__KEY
    settings: tuple[str, ...] = ()  # SECTION.KEY=VALUE of --set
    plugins: tuple[PluginData, ...] = ()  # what installed plugins add

    def arguments(self) -> list[str]:
        """The files and settings as options; the variables are in the environment."""
        return [
            *(word for file in self.files for word in ("--config", file)),
            *(word for setting in self.settings for word in (SET, setting)),
        ]

    def without_variables(self) -> Sources:
        """The same settings for a process that reads no variables."""
        variables = [f"{_setting_of(name)}={value}" for name, value in self.variables.items()]
        return Sources(self.files, {}, (*variables, *self.settings), self.plugins)

    def of_daemon(self) -> Sources:
        """Without the options --set that are of a run, which keeps them itself."""
        kept = [one for one in self.settings if parse_assignment(one).section not in FROZEN]
        return msgspec.structs.replace(self, settings=tuple(kept))

    def layers(self) -> list[GivenLayer]:
        """The variables and options. Raises ConfigError, which lists all that are no settings."""
        found, faults = self.given()
        if faults:
            raise error_of(faults)
        return found

    def given(self) -> tuple[list[GivenLayer], list[LocatedFault]]:
        """The variables and options that are settings, and the faults of the others."""
        found, faults = [], []
        for name, value in sorted(self.variables.items()):
            try:
                found.append(GivenLayer(name, "variable", _of_variable(name, value)))
            except ConfigError as error:
                faults.append(LocatedFault(Origin("variable", name), str(error)))
        for text in self.settings:
            try:
                found.append(GivenLayer(SET, "option", parse_assignment(text)))
            except ConfigError as error:
                faults.append(LocatedFault(Origin("option", SET), str(error)))
        return found, faults

    def __str__(self) -> str:
        """The files, for messages."""
        return " and ".join(self.files) or "configuration"


def find_sources(
    explicit: Iterable[Path],
    home: Path,
    environ: Mapping[str, str],
    *,
    recorded: Sources | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[PluginData] = (),
) -> Sources:
    """The files in the order given at the top of config.toml, the variables, and `settings`.

    `recorded`: what the daemon of this state folder read last; it precedes the default
    locations, so that the operator's commands use the daemon's configuration. The command's own
    variables override the daemon's. `plugins`: what those add that are installed now. Those that
    are recorded count for named files too, which may set their rules.

    Raises ConfigError if a file given by name does not exist, or no current folder.
    """
    variables = variables_in(environ)
    settings = tuple(map(_with_whole_path, settings))
    files: tuple[str, ...]
    named = list(explicit)
    if not named and (path := environ.get("LANDERCTL_CONFIG")):
        named = [Path(path)]
    for file in named:
        if not is_there(file):
            raise ConfigError(f"{file}: no such file; give an existing one, or leave --config out")
    if recorded is not None:
        plugins = (*recorded.plugins, *plugins)
    if named:
        # Path.resolve raises for a loop of links.
        files = tuple(os.path.realpath(file) for file in named)
        return Sources(files, variables, settings, tuple(plugins))
    files = ()
    if recorded is not None:
        files = tuple(file for file in recorded.files if is_there(Path(file)))
        variables = {**recorded.variables, **variables}
        settings = (*recorded.settings, *settings)
    looked_for = [home / "config.toml"]
    if user := xdg_folder("XDG_CONFIG_HOME", ".config", environ):
        looked_for.append(user / "landerctl" / "config.toml")
    # Also a folder or a link to nothing: not to use what is there needs a word.
    files = files or tuple(str(file) for file in looked_for if is_there(file))[:1]
    return Sources(files, variables, settings, tuple(plugins))


def whole_path(name: str, folder: Path) -> str:
    """The path of a file that a setting names, relative to a folder; a URL stays one."""
    # Not Path.expanduser, which raises for an unknown user.
    return name if "://" in name else str(folder / os.path.expanduser(name))  # noqa: PTH111


def variables_in(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are settings, or are meant to be; files with their whole paths.

    Raises ConfigError if there is no current folder to which such a file is relative.
    """
    found = {}
    for name, value in environ.items():
        if name.startswith(_PREFIX) and (setting := _setting_of(name)) is not None:
            whole = _with_whole_path(f"{setting}={value}")
            found[name] = whole.partition("=")[2]
    return found


def is_setting(variable: str) -> bool:
    """Whether a variable of the environment is a setting, or is meant to be one."""
    return variable.startswith(_PREFIX) and _setting_of(variable) is not None


def _of_variable(name: str, value: str) -> Assignment:
    if _VARIABLE.fullmatch(name) is None:
        setting = str(_setting_of(name)).replace(".", "__").upper()
        raise ConfigError(f"is no setting; did you mean {_PREFIX}{setting}?")
    return parse_assignment(f"{_setting_of(name)}={value}")


def _setting_of(name: str) -> str | None:
    """``ppo.gamma`` for ``LANDERCTL_PPO__GAMMA``, and for ``LANDERCTL_PPO_GAMMA``, a mistake."""
    if match := _VARIABLE.fullmatch(name):
        return f"{match['section'].lower()}.{match['key'].lower()}"
    words = name.removeprefix(_PREFIX).lower()
    for section in Config.__struct_fields__:
        if words.startswith(f"{section}_"):
            key = words.removeprefix(f"{section}_")
            if key in _keys_of(section):
                return f"{section}.{key}"
    return None


def _keys_of(section: str) -> list[str]:
    kind = msgspec.inspect.type_info(Config)
    assert isinstance(kind, msgspec.inspect.StructType)
    found = next(one.type for one in kind.fields if one.encode_name == section)
    return [one.encode_name for one in getattr(found, "fields", ())]


def _with_whole_path(text: str) -> str:
    """An assignment; if it names a file, that with its whole path: the daemon runs elsewhere."""
    setting, _, _ = text.partition("=")
    if setting.strip() not in NAMED_FILES:
        return text
    value = parse_assignment(text).value
    if not isinstance(value, str) or not value:
        return text
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise ConfigError(f"{setting}: the current folder no longer exists") from None
    import json  # noqa: PLC0415 - only such a setting needs it

    return f"{setting.strip()}={json.dumps(whole_path(value, here))}"
