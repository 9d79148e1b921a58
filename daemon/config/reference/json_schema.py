"""The JSON Schema (draft-07) of a user's configuration file, for taplo and editors that use it.

Types and bounds are those of `Config`, defaults and meanings those of config.toml. Two things
differ from what `load_config` accepts: what settings must be to each other is not in it, and 5.0 is
an integer, as draft-07 says. ``x-taplo``:
https://taplo.tamasfe.dev/configuration/developing-schemas.html
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from daemon.config.layering.layers import VEHICLES
from daemon.config.reference.meanings import Meanings, read_meanings, unit
from daemon.config.schema import Config
from daemon.config.sections import FROZEN, HOT

DRAFT = "http://json-schema.org/draft-07/schema#"
_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "pattern": "pattern",
}
_APPLIES = {
    "new runs": "Frozen in a run: a change is for new runs.",
    "at once": "A running daemon takes up a change at once.",
    "next start": "A change takes effect at the next start of the daemon.",
}


def json_schema(default_text: str) -> dict[str, Any]:
    """The schema; `default_text` is the text of config.toml."""
    writer = _Writer(read_meanings(default_text), tomllib.loads(default_text))
    sections = {
        field.encode_name: writer.setting(field, field.encode_name, field.encode_name)
        for field in _fields(inspect.type_info(Config))
    }
    return {
        "$schema": DRAFT,
        "title": "landerctl's configuration",
        "description": "Only the lines that differ from the defaults are needed.",
        "type": "object",
        "properties": {**sections, VEHICLES: _vehicles(writer.about_vehicles)},
        "additionalProperties": False,
    }


def json_schema_text(default_text: str) -> str:
    """The same as the text of a file, in ASCII."""
    return json.dumps(json_schema(default_text), indent=2) + "\n"


def applies(section: str) -> str:
    """When a change to a section takes effect: ``at once``, ``next start``, in ``new runs``."""
    return "at once" if section in HOT else "new runs" if section in FROZEN else "next start"


class _Writer:
    def __init__(self, meanings: Meanings, defaults: Mapping[str, Any]) -> None:
        self._meanings = meanings
        self._defaults = defaults

    @property
    def about_vehicles(self) -> str:
        return _sentence(self._meanings.texts[VEHICLES], ())

    def setting(self, field: inspect.Field, path: str, at: str) -> dict[str, Any]:
        """The schema of a setting by its path in config.toml's comments, and its section `at`."""
        kind = _without_none(field.type)
        text = self._meanings.texts.get(path, "") or _docstring(kind)
        schema = self._type(kind, path, at)
        values = kind.values if isinstance(kind, inspect.LiteralType) else ()
        if docs := _choices(values, text):
            schema["x-taplo"] = {"docs": {"enumValues": docs}}
        default = self._default(field, path)
        if default is not msgspec.NODEFAULT:
            schema["default"] = default
        marks = {}
        if path == at:
            marks["applies"] = applies(at)
        if measure := unit(path.rpartition(".")[2]):
            marks["unit"] = measure
        if marks:
            schema["x-landerctl"] = marks
        sentences = (
            _sentence(text, values),
            f"Unit: {measure}." if measure else "",
            _APPLIES[applies(at)],
        )
        return {"description": " ".join(filter(None, sentences)), **schema}

    def _type(self, kind: inspect.Type, path: str, at: str) -> dict[str, Any]:
        schema: dict[str, Any]
        match kind:
            case inspect.StructType():
                schema = self._table(kind, path, at)
            case inspect.DictType():
                inner = self._type(kind.value_type, path, at)
                schema = {"type": "object", "additionalProperties": inner}
            case inspect.ListType():
                schema = {"type": "array", "items": self._type(kind.item_type, f"{path}[]", at)}
                schema |= _given({"minItems": kind.min_length, "maxItems": kind.max_length})
            case inspect.TupleType():
                items = [self._type(item, path, at) for item in kind.item_types]
                limits = {"minItems": len(items), "maxItems": len(items)}
                schema = {"type": "array", "items": items, **limits}
            case inspect.LiteralType():
                schema = {"type": "string", "enum": list(kind.values)}
            case inspect.StrType():
                schema = {"type": "string", **_bounds(kind)}
                schema |= _given({"minLength": kind.min_length, "maxLength": kind.max_length})
            case inspect.IntType():
                schema = {"type": "integer", **_bounds(kind)}
            case inspect.FloatType():
                schema = {"type": "number", **_bounds(kind)}
            case inspect.BoolType():
                schema = {"type": "boolean"}
            case inspect.AnyType():
                schema = {}
            case _:
                raise TypeError(f"{path}: no JSON Schema for {kind}")
        return schema

    def _table(self, kind: inspect.StructType, path: str, at: str) -> dict[str, Any]:
        """In a file only what differs is needed, but of an entry of an array all."""
        fields = _fields(kind)
        required = [field.encode_name for field in fields if field.required]
        return {
            "type": "object",
            "properties": {
                field.encode_name: self.setting(field, f"{path}.{field.encode_name}", at)
                for field in fields
            },
            **({"required": required} if path.endswith("[]") else {}),
            "additionalProperties": False,
        }

    def _default(self, field: inspect.Field, path: str) -> Any:
        """Of config.toml; not for tables, nor for arrays of them, which would be long."""
        if "[]" in path:
            return msgspec.NODEFAULT if field.default is None else field.default
        found: Any = self._defaults
        for step in path.split("."):
            found = found[step]
        tables = isinstance(found, dict) or (isinstance(found, list) and _are_tables(found))
        return msgspec.NODEFAULT if tables else found


def _vehicles(description: str) -> dict[str, Any]:
    """The tables ``vehicles.NAME``: sections of a run."""
    sections = {name: {"$ref": f"#/properties/{name}"} for name in FROZEN}
    table = {"type": "object", "properties": sections, "additionalProperties": False}
    return {
        "description": f"{description} {_APPLIES['new runs']}",
        "type": "object",
        "additionalProperties": table,
    }


def _fields(kind: inspect.Type) -> tuple[inspect.Field, ...]:
    assert isinstance(kind, inspect.StructType)
    return kind.fields


def _are_tables(values: list[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def _without_none(kind: inspect.Type) -> inspect.Type:
    """The type of a setting that may be left out: TOML has no null."""
    if isinstance(kind, inspect.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _docstring(kind: inspect.Type) -> str:
    """What a section is, where config.toml does not say: ``[run]: what to train ...``."""
    if not isinstance(kind, inspect.StructType):
        return ""
    return (kind.cls.__doc__ or "").partition("]: ")[2]


def _bounds(kind: inspect.Type) -> dict[str, Any]:
    return _given({name: getattr(kind, own, None) for own, name in _BOUNDS.items()})


def _given(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {name: limit for name, limit in limits.items() if limit is not None}


def _choices(values: tuple[Any, ...], text: str) -> list[str | None]:
    """What a meaning says of each value: ``demo: a short run`` or ``log (only record)``."""
    found = [
        re.search(rf"\b{re.escape(value)}(?:: (?P<after>[^;]+)| \((?P<inside>[^)]+)\))", text)
        for value in values
    ]
    docs = [match and (match["after"] or match["inside"]) for match in found]
    return docs if any(docs) else []


def _sentence(text: str, values: tuple[Any, ...]) -> str:
    """Begins with a capital, unless with one of the values, and ends with a full stop."""
    word = re.split(r"\W", text, maxsplit=1)[0]
    begin = text[:1] if word in values else text[:1].upper()
    return f"{begin}{text[1:]}".rstrip(".") + "." if text else ""
