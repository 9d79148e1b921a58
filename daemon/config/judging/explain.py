"""What is wrong with a configuration file, without what may be a secret.

A value is shown only where it cannot be one: a number, or a word where one of a few is expected.
A key that is not ours is shown only if it looks like one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from daemon.config.migration.table import outdated, outdated_value
from daemon.config.schema import Config
from daemon.config.secrets import SECTIONS, TARGETS

# The last place: an unknown field may look like one.
_AT = re.compile(r"(?P<what>.*) - at `\$\.?(?P<path>[^`]*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`", re.DOTALL)
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,19}")
_NAME = re.compile(r"[a-z][a-z0-9 -]{0,29}")
_KEY = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}|\[\d+\]")
_TOML_PLACE = re.compile(r" \(at (line \d+, column \d+|end of document)\)$")
# Only punctuation and single characters are quoted in what may be shown of a TOML error.
_TOML_SAFE = re.compile(r"(?:[A-Za-z ,/()-]|'(?:\\.|\\x[0-9a-f]{2}|[^A-Za-z0-9'\\]{1,3})')*")
_TOML_KEYS = {
    "Cannot declare": "a table is defined twice",
    "Cannot mutate": "a table is extended after its end",
    "Cannot overwrite": "a key is set twice",
    "Duplicate inline": "a key is set twice",
}


def explain(error: str, values: Mapping[str, Any], schema: type[msgspec.Struct] = Config) -> str:
    """What is wrong, where, and what is allowed, from the text of msgspec's ValidationError."""
    match = _AT.fullmatch(error)
    what, path = (match["what"], match["path"]) if match else (error, "")
    if unknown := _UNKNOWN.match(what):
        return _explain_unknown(unknown["field"], path, values, schema)
    path, kind = _known(path, schema)
    allowed = what.replace("`", "").replace("Object missing required field", "missing key")
    allowed = allowed.replace("Expected", "expected").replace("Invalid", "invalid")
    allowed = allowed.replace(" | null", "")  # TOML has none
    if "invalid enum value" in allowed:
        choices = getattr(kind, "values", ())
        allowed = f"expected one of {', '.join(map(str, choices))}" if choices else "invalid value"
    value, named = _lookup(values, path), _named(path, values)
    where = f"{named}{_shown_value(path, kind, value)}: " if named else ""
    return f"{where}{allowed}{outdated_value(path, value)}"


def explain_toml(error: Exception) -> str:
    """What is wrong with a text that is not TOML, and where; never what it contains."""
    place = _TOML_PLACE.search(str(error))
    at = f" at {place[1]}" if place else ""
    return f"is not valid TOML{at}{toml_reason(error)}"


def toml_reason(error: Exception) -> str:
    """``: `` and what is wrong; empty if that would show what the text contains."""
    reason = _TOML_PLACE.sub("", str(error))
    for begin, meaning in _TOML_KEYS.items():
        if reason.startswith(begin):
            reason = meaning
    return f": {reason}" if _TOML_SAFE.fullmatch(reason) else ""


def shown_key(key: str) -> str:
    """A key of the file, or where it may be a secret a text that says so."""
    return key if _KEY.fullmatch(key) or key in Config.__struct_fields__ else "(key not shown)"


def shown_path(steps: Iterable[str]) -> str:
    """The path of a setting whose keys may not be ours."""
    return ".".join(map(shown_key, steps)).replace(".[", "[")


def suggestion(name: str, known: Collection[str]) -> str:
    """``; did you mean 'x'?`` with the known name that is most like this one, if one is."""
    import difflib  # noqa: PLC0415 - only for errors

    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _explain_unknown(
    field: str, path: str, values: Mapping[str, Any], schema: type[msgspec.Struct]
) -> str:
    path, kind = _known(path, schema)
    known = [one.encode_name for one in getattr(kind, "fields", ()) if one.encode_name != field]
    close = suggestion(field, known)
    hint = outdated(f"{path}.{field}") or close or f"; known here: {', '.join(known)}"
    table = None if path.startswith(SECTIONS) else _lookup(values, path)
    shown = _shown_value(path, None, table.get(field) if isinstance(table, Mapping) else None)
    key = ".".join(filter(None, [_named(path, values), field if close else shown_key(field)]))
    return f"unknown key {key}{shown}{hint}"


def _shown_value(path: str, kind: Any, value: Any) -> str:
    if path.startswith(TARGETS) or not path:
        return ""
    if isinstance(value, str):
        choice = isinstance(kind, msgspec.inspect.LiteralType)
        return f" = {value!r}" if choice and _WORD.fullmatch(value) else ""
    return f" = {value!r}" if isinstance(value, int | float) else ""


def _known(path: str, schema: type[msgspec.Struct]) -> tuple[str, Any]:
    """The longest beginning of a path that is in the schema, and its type."""
    node: Any = msgspec.inspect.type_info(schema)
    found = ""
    for step in re.findall(r"[^.\[]+|\[[^\]]*\]", path):
        if isinstance(node, msgspec.inspect.ListType | msgspec.inspect.VarTupleType):
            node = node.item_type
        elif isinstance(node, msgspec.inspect.TupleType) and step[1:-1].isdigit():
            node = node.item_types[int(step[1:-1])]
        elif isinstance(node, msgspec.inspect.DictType):
            node, step = node.value_type, "[...]"  # noqa: PLW2901 - its keys are not ours
        else:
            fields = {one.encode_name: one.type for one in getattr(node, "fields", ())}
            if step not in fields:
                break
            node = fields[step]
        found += step if step.startswith("[") or not found else f".{step}"
    return found, node


def _named(path: str, values: Mapping[str, Any]) -> str:
    """The path with names of list elements for their indices: ``alerts.disk-low.threshold``."""
    shown, done = "", ""
    for step in re.findall(r"[^.\[]+|\[[^\]]*\]", path):
        done += step if step.startswith("[") or not done else f".{step}"
        element = _lookup(values, done) if step.startswith("[") else None
        name = element.get("name") if isinstance(element, Mapping) else None
        if isinstance(name, str) and _NAME.fullmatch(name):
            shown += f".{name}"
        else:
            shown += step if step.startswith("[") or not shown else f".{step}"
    return shown


def _lookup(values: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[]+|\[[^\]]*\]", path):
        if step.startswith("["):
            index = step[1:-1]
            if not (isinstance(values, list | tuple) and index.isdigit()):
                return None
            values = values[int(index)]
        elif isinstance(values, Mapping):
            values = values.get(step)
        else:
            return None
    return values
