"""Which settings hold a secret, and which name a file with one.

A path names a setting; `[]` stands for each element of an array of tables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from daemon.base.secrets.redaction import hide, password
from daemon.base.secrets.secret_file import permission_fault

VALUES = ("notify.targets[].url", "notify.targets[].command")
FILES = (
    "notify.targets[].url_file",
    "backup.targets[].options_file",
    "checks.ping_url_file",
    "tracking.mlflow_uri_file",
)
# May hold a password by mistake, and is then refused where it is used.
MISUSED = ("backup.targets[].url", "tracking.mlflow_uri")
# In messages: no value at or below TARGETS, no unknown value in their sections.
TARGETS = ("notify.targets", "backup.targets")
SECTIONS = ("notify", "backup")
_WORD = re.compile(r"-{0,2}[a-z]+(-[a-z]+)*")


class Named(Struct, frozen=True):
    """A target: where it is printed, in a traceback's variables too, only its name is."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={getattr(self, 'name', None)!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("name", getattr(self, "name", None))]


def hide_secrets(values: Mapping[str, Any]) -> None:
    """Hide the secrets of a file's settings, valid or not, from all later texts."""
    for path in VALUES:
        for value in _at(values, path):
            if isinstance(value, list):
                # Of a command the arguments, but not words: messages are made of words.
                hide(text for text in _texts(value[1:]) if not _WORD.fullmatch(text))
            else:
                hide(_texts(value))
    for path in MISUSED:
        hide(password(text) for value in _at(values, path) for text in _texts(value))


def named_files(config: Struct) -> list[tuple[str, str]]:
    """Each setting that names a file with a secret, with the file's name."""
    found = []
    for path in FILES:
        table, many, rest = path.partition("[].")
        inside = list(_at(config, f"{table}[]")) if many else [config]
        for number, element in enumerate(inside):
            named = f"{table}[{number}].{rest}" if many else path
            found += [
                (named, text) for value in _at(element, rest or path) for text in _texts(value)
            ]
    return found


def map_files(
    values: dict[str, Any], paths: tuple[str, ...], change: Callable[[str], str]
) -> dict[str, Any]:
    """The settings with `change` applied to the named files at these paths."""
    for path in paths:
        head, _, rest = path.partition(".")
        if head in values:
            values = values | {head: _mapped(values[head], rest, change)}
    return values


def open_files(config: Struct, path: Path | None) -> list[str]:
    """A line for each file with a secret that others can read: those named, and `path` itself."""
    files = [Path(name) for _, name in named_files(config)]
    if path is not None and any(_texts(list(_at(config, setting))) for setting in VALUES):
        files.append(path)
    return [fault for file in files if (fault := _fault(file))]


def _fault(file: Path) -> str:
    try:
        return permission_fault(file, file.stat())
    except OSError as error:
        return f"{file}: {os.strerror(error.errno or 0)}"


def _mapped(value: Any, path: str, change: Callable[[str], str]) -> Any:
    if not path:
        return change(value) if isinstance(value, str) and value else value
    step, _, rest = path.partition(".")
    key = step.removesuffix("[]")
    if not isinstance(value, Mapping) or key not in value:
        return value
    inner = value[key]
    if step.endswith("[]") and isinstance(inner, list):
        return {**value, key: [_mapped(element, rest, change) for element in inner]}
    return {**value, key: _mapped(inner, rest, change)}


def _at(value: Any, path: str) -> Iterator[Any]:
    """Every value at a path, in tables or in a `Config`; tolerates other shapes."""
    step, _, rest = path.partition(".")
    key = step.removesuffix("[]")
    found = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
    for element in found if step.endswith("[]") and isinstance(found, list) else [found]:
        if not rest:
            yield element
        else:
            yield from _at(element, rest)


def _texts(value: Any) -> list[str]:
    """All non-empty texts in a value, at any depth."""
    if isinstance(value, str):
        return [value] if value else []
    inner = list(value.values()) if isinstance(value, Mapping) else value
    return [text for one in inner for text in _texts(one)] if isinstance(inner, list) else []
