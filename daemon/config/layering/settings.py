"""The settings of a configuration one by one, as they are shown: without what may be a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from daemon.config.schema import Config
from daemon.config.secrets import TARGETS

HIDDEN = "(hidden)"
_INDEX = re.compile(r"\[\d+\]")
# Of a target these two are never a secret.
_OPEN = (".name", ".min_severity")


class Setting(msgspec.Struct, frozen=True):
    """One value. An element of a list of tables is named by its `name`, else by its number."""

    path: str  # ``alerts[2].threshold``, as in a fault
    name: str  # ``alerts.disk-low.threshold``, ``curriculum.stages.approach.altitude_m``
    value: Any
    hidden: bool  # whether the value may hold a secret

    @property
    def shown(self) -> Any:
        """The value, or `HIDDEN`."""
        return HIDDEN if self.hidden else self.value

    @property
    def text(self) -> str:
        """The value as TOML writes it, or `HIDDEN`."""
        return HIDDEN if self.hidden else text_of(self.value)


class Difference(msgspec.Struct, frozen=True):
    """A setting with two values; None: it is not there."""

    name: str
    before: Setting | None
    after: Setting | None


def settings_of(config: Config, sections: Iterable[str] | None = None) -> Iterator[Setting]:
    """Every setting, in the order of the schema; of an element only what differs from its type's
    defaults.
    """
    for section in Config.__struct_fields__ if sections is None else sections:
        yield from _inside(getattr(config, section), section, section)


def differences(before: Iterable[Setting], after: Iterable[Setting]) -> list[Difference]:
    """What differs, by name, in the order of `before`; then what only `after` has.

    Of one of a list that the other side does not have, only its name.
    """
    ours, theirs = ({one.name: one for one in side} for side in (before, after))
    every = {**ours, **theirs}
    alone = [
        name.removesuffix("name")
        for name in ours.keys() ^ theirs.keys()
        if name.endswith(".name") and "]." in every[name].path
    ]
    return [
        Difference(name, ours.get(name), theirs.get(name))
        for name in every
        if (name not in ours or name not in theirs or ours[name].value != theirs[name].value)
        and (name.endswith(".name") or not name.startswith(tuple(alone)))
    ]


def text_of(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(text_of, value))}]"
    if value == {}:
        return "{}"
    return repr(value)


def _inside(value: Any, path: str, name: str) -> Iterator[Setting]:
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            inner = getattr(value, field.name)
            if not (_in_list(path) and inner == _default(field)):
                yield from _inside(inner, f"{path}.{field.name}", f"{name}.{field.name}")
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _inside(inner, f"{path}.{key}", f"{name}.{key}")
    elif isinstance(value, list) and any(isinstance(one, msgspec.Struct) for one in value):
        for index, element in enumerate(value):
            own = getattr(element, "name", None)
            label = f"{name}.{own}" if own else f"{name}[{index + 1}]"
            yield from _inside(element, f"{path}[{index}]", label)
    else:
        yield Setting(path, name, value, _hidden(path))


def _in_list(path: str) -> bool:
    return path.endswith("]")


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _hidden(path: str) -> bool:
    plain = _INDEX.sub("", path)
    return plain.startswith(tuple(f"{target}." for target in TARGETS)) and not plain.endswith(_OPEN)
