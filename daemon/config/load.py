"""Loads `Config` from TOML files; errors name file, key, value and what is allowed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.paths import xdg_folder
from daemon.base.secrets.redaction import redact
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config.explain import explain, explain_toml, shown_path
from daemon.config.read import UnreadableError, is_there, line_of, read_text
from daemon.config.relations import Fault, relation_faults
from daemon.config.schema import Config
from daemon.config.secrets import FILES, hide_secrets, map_files, named_files
from daemon.config.typed import type_faults

MAX_DEPTH = 16
NAMED_FILES = (*FILES, "terrain.height_map")


class ConfigError(Exception):
    """A configuration is invalid. The message is one line for the user, without a secret."""

    def __init__(self, text: str) -> None:
        super().__init__(redact(one_line(text)))


class LoadedConfig(msgspec.Struct, frozen=True):
    """A configuration and its file (None: only defaults)."""

    config: Config
    path: Path | None


def default_config_path() -> Path:
    """The commented defaults: in the package in a wheel, at the top level in a checkout."""
    packaged = Path(__file__).parent.parent / "default_config.toml"
    return packaged if packaged.exists() else Path(__file__).parents[2] / "config.toml"


def find_config(
    explicit: Path | None,
    home: Path,
    environ: Mapping[str, str],
    *,
    recorded: str | None = None,
) -> Path | None:
    """The user's file, searched in the order given at the top of config.toml, or None.

    `recorded`: the file that the daemon of this state folder read last; it precedes the default
    locations, so that the operator's commands use the daemon's configuration.

    Raises ConfigError if a file given by name does not exist.
    """
    named = explicit or (Path(path) if (path := environ.get("LANDERCTL_CONFIG")) else None)
    if named is not None:
        if not is_there(named):
            raise ConfigError(f"{named}: no such file; give an existing one, or leave --config out")
        return Path(os.path.realpath(named))  # Path.resolve raises for a loop of links
    looked_for = [home / "config.toml"]
    if user := xdg_folder("XDG_CONFIG_HOME", ".config", environ):
        looked_for.append(user / "landerctl" / "config.toml")
    for candidate in [Path(recorded), *looked_for] if recorded else looked_for:
        # Also a folder or a link to nothing: not to use what is there needs a word.
        if is_there(candidate):
            return candidate
    return None


def load_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> LoadedConfig:
    """Merge defaults, the user's file and command-line overrides (nested mappings); validate.

    Tables merge key by key; lists (stages, alerts) replace the default list as a whole.
    Raises ConfigError, which lists all faults.
    """
    text = _read(path) if path is not None else ""
    given = _resolve_paths(path, _parse(path, text)) if path is not None else {}
    if overrides:
        given, text = _merge(given, overrides), ""
    source = str(path) if path else "configuration"
    return LoadedConfig(_check(given, source, text), path)


def check_values(values: Mapping[str, Any], source: str) -> Config:
    """The defaults with `values` merged into them; `source` names these in errors.

    Raises ConfigError.
    """
    return _check(values, source)


def files_in(folder: Path) -> set[str]:
    """Names in a folder that its `config.toml` mentions; empty without one. Raises ConfigError."""
    path = folder / "config.toml"
    if not is_there(path):
        return set()
    config = load_config(path).config
    files = [Path(name) for _, name in named_files(config)] + [Path(config.terrain.height_map)]
    return {file.relative_to(folder).parts[0] for file in files if folder in file.parents}


def _resolve_paths(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """A file's settings, with relative paths resolved against the file's folder."""
    folder = path.absolute().parent

    def resolve(name: str) -> str:
        # Not Path.expanduser, which raises for an unknown user.
        named = os.path.expanduser(name)  # noqa: PTH111
        return name if "://" in name else str(folder / named)

    return map_files(values, NAMED_FILES, resolve)


def _check(given: Mapping[str, Any], source: str, text: str = "") -> Config:
    """The defaults with the user's settings; `text`, if it is a file's, has their lines."""
    values = _merge(_defaults(), given)
    hide_secrets(values)
    faults = list(_plain_faults(values, ()))
    if not faults:
        try:
            config = msgspec.convert(values, Config)
        except msgspec.ValidationError:
            found = type_faults(values, Config)
            faults = [Fault(path, explain(error, values)) for path, error in found]
        else:
            faults = list(relation_faults(config, given))
    if not faults:
        return _with_triggers(config)
    numbered = [_numbered(fault, text) for fault in faults]
    count = f"{counted(len(numbered), 'fault')}: " if len(numbered) > 1 else ""
    raise ConfigError(f"{source}: {count}{'; '.join(numbered)}")


@cache
def _defaults() -> Mapping[str, Any]:
    path = default_config_path()
    return _parse(path, _read(path))


def _numbered(fault: Fault, text: str) -> str:
    try:
        number = line_of(text, fault.path) if text else None
    except RecursionError:  # tables nested so deep that the parser just managed
        number = None
    return f"line {number}: {fault.text}" if number else fault.text


def _with_triggers(config: Config) -> Config:
    """The configuration with rollback.triggers applied to the alert rules."""
    triggers = config.rollback.triggers
    rules = [
        msgspec.structs.replace(rule, action="rollback")
        if triggers.get(rule.name) == "rollback"
        else rule
        for rule in config.alerts
        if triggers.get(rule.name) != "off"
    ]
    return msgspec.structs.replace(config, alerts=rules)


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: huge integers and deep nesting raise others.
        raise ConfigError(f"{path}: {explain_toml(error)}") from None


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both_tables = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both_tables else value  # type: ignore[arg-type]
    return merged


def _plain_faults(value: Any, steps: tuple[str, ...]) -> Iterator[Fault]:
    """What JSON, msgspec or the system cannot hold: inf, nan, integers over 64 bits, deep nesting,
    NUL characters.
    """
    fault = ""
    if len(steps) > MAX_DEPTH:
        fault = f": tables and arrays nested more than {MAX_DEPTH} deep"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _plain_faults(inner, (*steps, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _plain_faults(inner, (*steps, f"[{index}]"))
    elif isinstance(value, float) and not math.isfinite(value):
        fault = f" = {value!r}: expected a finite number"
    elif isinstance(value, int) and value.bit_length() > 63:
        fault = ": expected an integer of at most 64 bits"
    elif isinstance(value, str) and "\0" in value:
        fault = ": contains a NUL character"
    if fault:
        yield Fault(".".join(steps).replace(".[", "["), f"{shown_path(steps)}{fault}")
