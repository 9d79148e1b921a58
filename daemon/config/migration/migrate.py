"""Changes the text of a configuration file by the table; comments and order stay. Pure."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Comment, Table

from daemon.config.migration.table import CONVERSIONS, MOVES, REMOVALS
from daemon.config.read import lines_of, nearest

Tables = MutableMapping[str, Any]


class Migrated(msgspec.Struct, frozen=True):
    """The new text, and a line for each change and for each setting that the user must decide."""

    text: str
    changes: list[str]
    undecided: list[str]


class CannotMigrateError(Exception):
    """The text is not TOML, or of a form that would be damaged. The message says why."""


class _Place(msgspec.Struct, frozen=True):
    """A setting of the file: its path with indices, and the table that holds it."""

    path: str
    table: Tables
    key: str

    @property
    def value(self) -> Any:
        return self.table[self.key]


class _Line(msgspec.Struct, frozen=True):
    path: str
    text: str
    changed: bool  # or it is for the user to decide


def migrate(text: str) -> Migrated:
    """The text as today's version reads it. Raises CannotMigrateError."""
    try:
        document, values = tomlkit.parse(text), tomllib.loads(text)
    except (ValueError, RecursionError, TOMLKitError):
        raise CannotMigrateError("is not valid TOML") from None
    lines = list(_apply(values, dict))
    numbers = lines_of(text)
    lines.sort(key=lambda line: nearest(numbers, line.path) or 0)
    changes = [_numbered(line, numbers) for line in lines if line.changed]
    undecided = [_numbered(line, numbers) for line in lines if not line.changed]
    if not changes:
        return Migrated(text, [], undecided)
    for _ in _apply(document, tomlkit.table):
        pass
    changed = tomlkit.dumps(document)
    try:
        same = _settings(tomllib.loads(changed)) == _settings(values)
    except ValueError:
        same = False
    if not same:
        raise CannotMigrateError(f"must be changed by hand: {'; '.join(changes)}")
    return Migrated(changed, changes, undecided)


def _apply(tables: Tables, new_table: Callable[[], Any]) -> Iterator[_Line]:
    """Make all changes in `tables`, of a document or of plain values."""
    for move in MOVES:
        for place in _places(tables, move.old):
            array, in_entries, name = move.new.partition("[].")
            if in_entries:
                yield _into_entries(place, array, name, _entries(tables, array))
            else:
                section, _, name = move.new.partition(".")
                yield _into_section(place, move.new, name, tables.setdefault(section, new_table()))
    for removal in REMOVALS:
        for place in _places(tables, removal.old):
            if removal.needed:
                yield _Line(place.path, f"{removal.instead}, and remove this", changed=False)
            else:
                del place.table[place.key]
                yield _Line(place.path, f"removed: {removal.instead}", changed=True)
    for one in CONVERSIONS:
        for place in _places(tables, one.setting):
            if one.outdated(place.value):
                if one.convert is not None:
                    place.table[place.key] = one.convert(place.value)
                yield _Line(place.path, one.because, changed=one.convert is not None)


def _into_entries(place: _Place, array: str, name: str, entries: list[tuple[str, Tables]]) -> _Line:
    if not entries:
        text = f"set it in each of [[{array}]], and remove this"
        return _Line(place.path, text, changed=False)
    for _, entry in entries:
        if name not in entry:
            entry[name] = copy.deepcopy(place.value)
    del place.table[place.key]
    return _Line(place.path, f"is now in each of [[{array}]]", changed=True)


def _into_section(place: _Place, path: str, name: str, section: Any) -> _Line:
    if not isinstance(section, MutableMapping):
        return _Line(place.path, f"is now {path}, but what is there is no table", changed=False)
    value = place.value
    if name in section and section[name] != value:
        return _Line(place.path, f"is now {path}, which is set too: remove one", changed=False)
    comments = _comments_above(place)
    del place.table[place.key]
    if name in section:
        return _Line(place.path, f"removed: {path} is set to the same", changed=True)
    for comment in comments:
        section.add(tomlkit.comment(comment))  # type: ignore[attr-defined]
    section[name] = value
    return _Line(place.path, f"is now {path}", changed=True)


def _places(tables: Tables, path: str) -> Iterator[_Place]:
    """Where a path of the table leads."""
    head, is_entry, key = path.rpartition("[].")
    if is_entry:
        holders = _entries(tables, head)
    else:
        head, _, key = path.rpartition(".")
        holder = tables.get(head)
        holders = [(head, holder)] if isinstance(holder, MutableMapping) else []
    for at, table in holders:
        if key in table:
            yield _Place(f"{at}.{key}", table, key)


def _entries(tables: Tables, path: str) -> list[tuple[str, Tables]]:
    """The entries of an array of tables: ``curriculum.stages``."""
    section, _, name = path.partition(".")
    table = tables.get(section)
    array = table.get(name) if isinstance(table, MutableMapping) else None
    found = enumerate(array) if isinstance(array, list) else ()
    return [(f"{path}[{index}]", one) for index, one in found if isinstance(one, MutableMapping)]


def _comments_above(place: _Place) -> list[str]:
    """Take the comment lines directly above a setting out of a document."""
    if not isinstance(place.table, Table):
        return []
    above: list[Comment] = []
    for known, item in place.table.value.body:
        if known is not None and known.key == place.key:
            break
        above = [*above, item] if isinstance(item, Comment) else []
    texts = [comment.trivia.comment.removeprefix("#").removeprefix(" ") for comment in above]
    for comment in above:
        comment.trivia.indent = comment.trivia.comment = comment.trivia.trail = ""
    return texts


def _settings(tables: Tables) -> Tables:
    """Without the sections that have none: of the last of dotted keys nothing is left."""
    return {name: value for name, value in tables.items() if value != {}}


def _numbered(line: _Line, numbers: Mapping[str, int]) -> str:
    number = nearest(numbers, line.path)
    return f"line {number}: {line.path}: {line.text}" if number else f"{line.path}: {line.text}"
