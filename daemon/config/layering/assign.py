"""Settings given one by one, as ``ppo.clip_range=0.1``: in options and in variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from daemon.config.judging.error import ConfigError
from daemon.config.judging.explain import shown_key, suggestion
from daemon.config.migration.table import outdated
from daemon.config.schema import Config
from daemon.config.secrets import TARGETS

_STEP = re.compile(r"\[\d+\]|[^.\[\]]+")


class Assignment(msgspec.Struct, frozen=True):
    """A setting and its value, which is not yet checked.

    One of a list of tables is named or counted from 1: ``alerts.disk-low.threshold``,
    ``curriculum.stages[2].relief``.
    """

    setting: str
    value: Any

    @property
    def section(self) -> str:
        """``ppo`` of ``ppo.clip_range``."""
        return self.setting.partition(".")[0].partition("[")[0]


def parse_assignment(text: str) -> Assignment:
    """A setting of the schema and its value: TOML, or a text without quotes where one is expected.

    Raises ConfigError: no such setting, or one that may hold a secret, which does not belong on a
    command line.
    """
    setting, separator, written = (part.strip() for part in text.partition("="))
    if not separator:
        raise ConfigError(f"{shown_key(setting)}: expected SECTION.KEY=VALUE, as in ppo.gamma=0.99")
    if may_hold_secrets(setting):
        raise ConfigError(f"{setting}: may hold secrets, which others see here: use a file")
    return Assignment(setting, _value(written, setting_type(setting)))


def assign(values: Mapping[str, Any], one: Assignment) -> tuple[dict[str, Any], str]:
    """The settings with this one, and its path with indices: ``curriculum.stages[1].relief``.

    Raises ConfigError if a list has no such element.
    """
    changed, path = _assigned(values, _STEP.findall(one.setting), one.value, "")
    return changed, path


def may_hold_secrets(setting: str) -> bool:
    """Whether a setting is a target of notifications or backups, or of such a one."""
    return bool(re.match(rf"({'|'.join(map(re.escape, TARGETS))})(?![\w-])", setting))


def setting_type(setting: str) -> Any:
    """The type of a setting (`msgspec.inspect`). Raises ConfigError: it is none, or a table."""
    kind: Any = _schema()
    steps = _STEP.findall(setting)
    done = ""
    for step in steps:
        if isinstance(kind, msgspec.inspect.StructType):
            fields = {one.encode_name: one.type for one in kind.fields}
            if step not in fields:
                raise ConfigError(_unknown(done, step, fields))
            kind = fields[step]
        elif _is_list_of_tables(kind):
            kind = kind.item_type
        elif isinstance(kind, msgspec.inspect.DictType):
            kind = kind.value_type
        else:
            raise ConfigError(f"{done}: is one value; expected {done}=VALUE")
        done = f"{done}{step}" if step.startswith("[") or not done else f"{done}.{step}"
    if isinstance(kind, msgspec.inspect.StructType):
        raise ConfigError(f"{setting}: expected {setting}.KEY=VALUE")
    if len(steps) == 1 and _is_list_of_tables(kind):
        raise ConfigError(
            f"{setting}: a list is given in a file as a whole, or one of it here as "
            f"{setting}.NAME.KEY=VALUE"
        )
    return kind


@cache
def _schema() -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(Config)


def _unknown(done: str, step: str, fields: Mapping[str, Any]) -> str:
    hint = outdated(f"{done}.{step}", hint="") or suggestion(step, fields)
    if not done:
        return f"unknown section {shown_key(step)}{hint}"
    known = hint or f"; known here: {', '.join(fields)}"
    return f"unknown setting {done}.{shown_key(step)}{known}"


def _is_list_of_tables(kind: Any) -> bool:
    return isinstance(kind, msgspec.inspect.ListType) and isinstance(
        kind.item_type, msgspec.inspect.StructType
    )


def _assigned(value: Any, steps: Sequence[str], new: Any, path: str) -> tuple[Any, str]:
    if not steps:
        return new, path
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        index = _index(value, step, path)
        inner, whole = _assigned(value[index], rest, new, f"{path}[{index}]")
        return [*value[:index], inner, *value[index + 1 :]], whole
    if value is not None and not isinstance(value, Mapping):
        return value, path  # a fault of the file, which is reported as such
    table = value or {}
    inner, whole = _assigned(table.get(step), rest, new, f"{path}.{step}" if path else step)
    return {**table, step: inner}, whole


def _index(elements: Sequence[Any], step: str, path: str) -> int:
    if step.startswith("["):
        number = int(step[1:-1])
        if not 1 <= number <= len(elements):
            raise ConfigError(f"{path}{step}: there are {len(elements)}, counted from 1")
        return number - 1
    names = [one.get("name") if isinstance(one, Mapping) else None for one in elements]
    if step not in names:
        close = suggestion(step, [name for name in names if isinstance(name, str)])
        raise ConfigError(f"{path}: none is named {shown_key(step)}{close}")
    return names.index(step)


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
