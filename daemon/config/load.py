"""Loads `Config` from TOML files; errors name file, key, value and what is allowed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.one_line import one_line
from daemon.base.paths import xdg_folder
from daemon.base.secrets.redaction import redact
from daemon.config.explain import explain, explain_toml, shown_key, shown_path
from daemon.config.schema import Config
from daemon.config.secrets import FILES, hide_secrets, map_files, named_files

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
        if not named.is_file():
            raise ConfigError(f"{named}: no such file; give an existing one, or leave --config out")
        return named.resolve()
    looked_for = [home / "config.toml"]
    if user := xdg_folder("XDG_CONFIG_HOME", ".config", environ):
        looked_for.append(user / "landerctl" / "config.toml")
    for candidate in [Path(recorded), *looked_for] if recorded else looked_for:
        if candidate.is_file():
            return candidate
    return None


def load_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> LoadedConfig:
    """Merge defaults, the user's file and command-line overrides (nested mappings); validate.

    Tables merge key by key; lists (stages, alerts) replace the default list as a whole.
    Raises ConfigError.
    """
    values = _read_toml(default_config_path())
    if path is not None:
        values = _merge(values, _resolve_paths(path, _read_toml(path)))
    if overrides:
        values = _merge(values, overrides)
    return LoadedConfig(_check(values, str(path) if path else "configuration"), path)


def check_values(values: Mapping[str, Any], source: str) -> Config:
    """The defaults with `values` merged into them; `source` names these in errors.

    Raises ConfigError.
    """
    return _check(_merge(_read_toml(default_config_path()), values), source)


def files_in(folder: Path) -> set[str]:
    """Names in a folder that its `config.toml` mentions; empty without one. Raises ConfigError."""
    path = folder / "config.toml"
    if not path.is_file():
        return set()
    config = load_config(path).config
    files = [Path(name) for _, name in named_files(config)] + [Path(config.terrain.height_map)]
    return {file.relative_to(folder).parts[0] for file in files if folder in file.parents}


def _resolve_paths(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """A file's settings, with relative paths resolved against the file's folder."""
    folder = path.absolute().parent
    # Not Path.expanduser, which raises for an unknown user.
    return map_files(
        values,
        NAMED_FILES,
        lambda name: name if "://" in name else str(folder / os.path.expanduser(name)),  # noqa: PTH111
    )


def _check(values: Mapping[str, Any], source: str) -> Config:
    hide_secrets(values)
    _check_plain(values, (), source)
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {explain(error, values)}") from None
    config = _with_triggers(config, source)
    _check_relations(config, source)
    return config


def _with_triggers(config: Config, source: str) -> Config:
    """The configuration with rollback.triggers applied to the alert rules."""
    triggers = config.rollback.triggers
    names = {rule.name for rule in config.alerts}
    for name, what in triggers.items():
        if what == "rollback" and name not in names:
            raise ConfigError(
                f"{source}: rollback.triggers.{shown_key(name)} = {what!r}: "
                "no alert rule has this name"
            )
    rules = [
        msgspec.structs.replace(rule, action="rollback")
        if triggers.get(rule.name) == "rollback"
        else rule
        for rule in config.alerts
        if triggers.get(rule.name) != "off"
    ]
    return msgspec.structs.replace(config, alerts=rules)


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {os.strerror(error.errno or 0)}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
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


def _check_plain(value: Any, steps: tuple[str, ...], source: str) -> None:
    """Reject what JSON, msgspec or the system cannot hold: inf, nan, integers over 64 bits, deep
    nesting, NUL characters.
    """
    where = f"{source}: {shown_path(steps)}"
    if len(steps) > MAX_DEPTH:
        raise ConfigError(f"{where}: tables and arrays nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_plain(inner, (*steps, key), source)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_plain(inner, (*steps, f"[{index}]"), source)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{where} = {value!r}: expected a finite number")
    elif isinstance(value, int) and value.bit_length() > 63:
        raise ConfigError(f"{where}: expected an integer of at most 64 bits")
    elif isinstance(value, str) and "\0" in value:
        raise ConfigError(f"{where}: contains a NUL character")


def _check_relations(config: Config, source: str) -> None:
    """Validate relations between fields. Raises ConfigError."""
    fleet, run, stages = config.fleet, config.run, config.curriculum.stages
    substeps = fleet.control_interval_s / fleet.dynamics_interval_s
    if abs(substeps - round(substeps)) > 1e-9 or round(substeps) < 1:
        raise ConfigError(
            f"{source}: fleet.dynamics_interval_s = {fleet.dynamics_interval_s}: must divide "
            f"fleet.control_interval_s = {fleet.control_interval_s}"
        )
    if run.stage > len(stages):
        raise ConfigError(
            f"{source}: run.stage = {run.stage}: allowed 1 to {len(stages)}, "
            "the number of [[curriculum.stages]]"
        )
    for number, stage in enumerate(stages):
        for field in stage.__struct_fields__:
            value = getattr(stage, field)
            if isinstance(value, tuple) and value[0] > value[1]:
                raise ConfigError(
                    f"{source}: curriculum.stages[{number}].{field} = {list(value)!r}: "
                    "the first number must not exceed the second"
                )
    _check_names([rule.name for rule in config.alerts], "alerts", source)
    for rule in config.alerts:
        clear = rule.threshold if rule.clear_threshold is None else rule.clear_threshold
        if clear > rule.threshold if rule.comparison == "above" else clear < rule.threshold:
            raise ConfigError(
                f"{source}: alerts.{rule.name}.clear_threshold = {clear:g}: an alert that fires "
                f"{rule.comparison} {rule.threshold:g} must end on the other side of it"
            )
    _check_names([target.name for target in config.backup.targets], "backup.targets", source)
    _check_names([target.name for target in config.notify.targets], "notify.targets", source)
    for target in config.notify.targets:
        ways = [bool(target.url), bool(target.url_file), bool(target.command)]
        if sum(ways) != 1:
            raise ConfigError(
                f"{source}: notify.targets.{target.name}: expected one of url, url_file and command"
            )
    for setting, name in named_files(config):
        if "://" in name:
            raise ConfigError(
                f"{source}: {setting}: expected the name of a file that contains the URL, "
                "not the URL itself"
            )


def _check_names(names: list[str], table: str, source: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{source}: {table}: the name {name!r} is used twice")
