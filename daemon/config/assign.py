"""Settings given one by one, as ``ppo.clip_range=0.1``: in options and in variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from daemon.config.explain import shown_key, suggestion
from daemon.config.load import ConfigError
from daemon.config.schema import Config
from daemon.config.secrets import TARGETS


class Assignment(msgspec.Struct, frozen=True):
    """A setting and its value, which is not yet checked."""

    setting: str  # ``ppo.clip_range``
    value: Any


def parse_assignment(text: str) -> Assignment:
    """A setting of the schema and its value: TOML, or a text without quotes where one is expected.

    Raises ConfigError: no such setting, or one that may hold a secret, which does not belong on a
    command line.
    """
    setting, separator, written = (part.strip() for part in text.partition("="))
    if not separator:
        raise ConfigError(f"{shown_key(setting)}: expected SECTION.KEY=VALUE, as in ppo.gamma=0.99")
    section, _, key = setting.partition(".")
    fields = Config.__struct_fields__
    if section not in fields:
        raise ConfigError(f"unknown section {shown_key(section)}{suggestion(section, fields)}")
    if setting in TARGETS:
        raise ConfigError(f"{setting}: may hold secrets, which others see here: use a file")
    kind = msgspec.inspect.type_info(Config)
    assert isinstance(kind, msgspec.inspect.StructType)
    known = {one.encode_name: one.type for one in kind.fields}[section]
    settings = (
        {one.encode_name: one.type for one in known.fields}
        if isinstance(known, msgspec.inspect.StructType)
        else {}
    )
    if key not in settings:
        if not settings:
            raise ConfigError(f"{section}: a list is given in a file as a whole")
        if not key:
            raise ConfigError(f"{section}: expected {section}.KEY=VALUE")
        close = suggestion(key, settings)
        hint = close or f"; known here: {', '.join(settings)}"
        raise ConfigError(f"unknown setting {section}.{shown_key(key)}{hint}")
    return Assignment(setting, _value(written, settings[key]))


def overrides_of(assignments: Iterable[Assignment]) -> dict[str, dict[str, Any]]:
    """The settings as nested tables, for `load_config`; the last of one setting counts."""
    tables: dict[str, dict[str, Any]] = {}
    for one in assignments:
        section, _, key = one.setting.partition(".")
        tables.setdefault(section, {})[key] = one.value
    return tables


def merged(*tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Nested tables of which the later ones override the earlier ones."""
    result: dict[str, dict[str, Any]] = {}
    for table in tables:
        for section, values in table.items():
            result.setdefault(section, {}).update(values)
    return result


def _value(written: str, kind: Any) -> Any:
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    try:
        parsed = tomllib.loads(f"value = {written}")
    except (ValueError, RecursionError):
        parsed = {}
    if parsed.keys() == {"value"} and not (_is_text(kind) and not isinstance(parsed["value"], str)):
        return parsed["value"]
    return written


def _is_text(kind: Any) -> bool:
    return isinstance(kind, msgspec.inspect.StrType) or (
        isinstance(kind, msgspec.inspect.LiteralType)
        and all(isinstance(value, str) for value in kind.values)
    )
