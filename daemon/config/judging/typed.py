"""Every setting whose type or bounds are wrong: msgspec names only the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec


def type_faults(value: Any, kind: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The path of each fault of a value, and msgspec's text about it, which ends with that path."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = list(_inner_faults(value, kind, path))
        yield from found or [_absolute(str(error), path)]


def _inner_faults(value: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(value, list) and get_origin(kind) is list:
        for index, element in enumerate(value):
            yield from type_faults(element, get_args(kind)[0], f"{path}[{index}]")
    elif isinstance(value, Mapping) and get_origin(kind) is dict:
        for name, element in value.items():
            yield from type_faults(element, get_args(kind)[1], f"{path}.{name}")
    elif isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        for name, element in value.items():
            inner = f"{path}.{name}" if path else name
            if name in hints:
                yield from type_faults(element, hints[name], inner)
            else:
                yield inner, f"Object contains unknown field `{name}`{_at(path)}"
        for field in msgspec.structs.fields(kind):
            if field.required and field.name not in value:
                yield path, f"Object missing required field `{field.name}`{_at(path)}"


def _at(path: str) -> str:
    return f" - at `$.{path}`" if path else ""


def _absolute(text: str, path: str) -> tuple[str, str]:
    """The path of a fault and its text, with the path of the part in which msgspec found it."""
    what, marker, rest = text.rpartition(" - at `$")
    if not marker:
        return path, f"{text} - at `$.{path}`" if path else text
    whole = f"{path}{rest[:-1]}"
    return whole, f"{what} - at `$.{whole}`"
