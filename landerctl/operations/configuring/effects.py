"""When a changed configuration file takes effect, by its sections. Pure."""

from __future__ import annotations

import tomllib
from typing import Any

from daemon.config.schema import Config
from daemon.config.sections import FROZEN, HOT


def changed_sections(before: str, after: str) -> list[str]:
    """The sections whose settings differ between two texts, in the order of the schema."""
    old, new = _values(before), _values(after)
    return [name for name in Config.__struct_fields__ if old.get(name) != new.get(name)]


def effects(sections: list[str], *, running: bool) -> list[str]:
    """A line for each time at which changed sections take effect."""
    hot = [name for name in sections if name in HOT and running]
    frozen = [name for name in sections if name in FROZEN]
    rest = [name for name in sections if name not in hot and name not in frozen]
    lines = (
        (hot, "the running daemon takes it up now"),
        (rest, "from the next `landerctl start`" + (", after `landerctl stop`" if running else "")),
        (frozen, "only in new runs, `landerctl start --fresh`: a run keeps its own"),
    )
    return [f"{_named(names)}: {when}" for names, when in lines if names]


def _values(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _named(sections: list[str]) -> str:
    return " ".join(f"[{name}]" for name in sections)
