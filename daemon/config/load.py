"""Loads `Config` from TOML files; errors name file, key, value and what is allowed."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.one_line import one_line
from daemon.base.paths import xdg_folder
from daemon.config.schema import Config

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
MAX_DEPTH = 16
_SECRET = ("notify.targets", "backup.targets")  # values below these never appear in messages
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")


class ConfigError(Exception):
    """A configuration is invalid. The message is one line for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


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
    user = xdg_folder("XDG_CONFIG_HOME", ".config", environ)
    looked_for = [home / "config.toml", user / "landerctl" / "config.toml"]
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


def load_frozen(path: Path) -> Config:
    """A run's frozen configuration; settings added since then get their defaults.

    Raises ConfigError.
    """
    try:
        frozen = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {os.strerror(error.errno or 0)}") from None
    except MALFORMED as error:
        raise ConfigError(f"{path}: {error}") from None
    if "run" not in frozen:
        raise ConfigError(f"{path}: is not a run's configuration: the section run is missing")
    return _check(_merge(_read_toml(default_config_path()), frozen), str(path))


def _resolve_paths(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """A file's settings, with relative paths resolved against the file's folder."""
    for section, key in (("terrain", "height_map"), ("checks", "ping_url_file")):
        table = values.get(section)
        name = table.get(key) if isinstance(table, Mapping) else None
        if isinstance(name, str) and name:
            # Not Path.expanduser, which raises for an unknown user.
            found = path.absolute().parent / os.path.expanduser(name)  # noqa: PTH111
            values = _merge(values, {section: {key: str(found)}})
    return values


def _check(values: Mapping[str, Any], source: str) -> Config:
    _check_plain(values, "", source)
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), values, source)) from None
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
                f"{source}: rollback.triggers.{name} = {what!r}: no alert rule has this name"
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
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both_tables = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both_tables else value  # type: ignore[arg-type]
    return merged


def _check_plain(value: Any, path: str, source: str, depth: int = 0) -> None:
    """Reject what JSON or msgspec cannot hold: inf, nan, integers over 64 bits, deep nesting."""
    if depth > MAX_DEPTH:
        raise ConfigError(f"{source}: {path}: tables and arrays nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_plain(inner, f"{path}.{key}".removeprefix("."), source, depth + 1)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_plain(inner, f"{path}[{index}]", source, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{source}: {path} = {value!r}: expected a finite number")
    elif isinstance(value, int) and value.bit_length() > 63:
        raise ConfigError(f"{source}: {path}: expected an integer of at most 64 bits")


def _explain(message: str, values: Mapping[str, Any], source: str) -> str:
    match = _AT.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    if unknown := _UNKNOWN.match(what):
        field = unknown["field"]
        table = _lookup(values, path)
        known = [key for key in _known_fields(path) if key != field]
        import difflib  # noqa: PLC0415 - only for this error

        close = difflib.get_close_matches(field, known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(known)}"
        secret = path.startswith(("notify", "backup"))
        known_value = isinstance(table, Mapping) and field in table and not secret
        shown = f" = {table[field]!r}" if known_value else ""
        return f"{source}: unknown key {'.'.join(filter(None, [path, field]))}{shown}{hint}"
    value = "(hidden)" if path.startswith(_SECRET) else _lookup(values, path)
    allowed = what.replace("`", "").replace("Expected", "expected").replace("Invalid", "invalid")
    if "invalid enum value" in allowed and (choices := _choices(path)):
        allowed = f"expected one of {', '.join(choices)}"
    return f"{source}: {path} = {value!r}: {allowed}"


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"\.|(?=\[)", path) if step]


def _lookup(values: Any, path: str) -> Any:
    for step in _steps(path):
        if step.startswith("["):
            index = step[1:-1]
            if not (isinstance(values, list) and index.isdigit()):
                return values
            values = values[int(index)]
        elif isinstance(values, Mapping):
            values = values.get(step)
    return values


def _type_at(path: str) -> Any:
    node = msgspec.inspect.type_info(Config)
    for step in _steps(path):
        if isinstance(node, msgspec.inspect.ListType):
            node = node.item_type
        elif isinstance(node, msgspec.inspect.StructType):
            fields = {field.encode_name: field.type for field in node.fields}
            if step not in fields:
                return None
            node = fields[step]
    return node


def _known_fields(path: str) -> list[str]:
    node = _type_at(path)
    if isinstance(node, msgspec.inspect.StructType):
        return [field.encode_name for field in node.fields]
    return []


def _choices(path: str) -> list[str]:
    node = _type_at(path)
    return [str(v) for v in node.values] if isinstance(node, msgspec.inspect.LiteralType) else []


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


def _check_names(names: list[str], table: str, source: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{source}: {table}: the name {name!r} is used twice")
