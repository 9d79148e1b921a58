"""Which plugins are installed, by the entry points of packages; nothing of them is imported."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from daemon.protocol.plugin import NOUNS, PluginKind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "landerctl."
# What reading metadata raises that are missing or malformed.
DAMAGED = (OSError, ValueError, TypeError, KeyError, AttributeError)
_NAME = re.compile(r"[a-z0-9-]{1,40}")


class Plugin(msgspec.Struct, frozen=True):
    """An entry point of an installed package. `fault`: why it cannot be used."""

    kind: PluginKind
    name: str
    package: str
    version: str
    value: str  # ``module:function``, of data ``package:file`` without the file's ending
    fault: str = ""


class Point(msgspec.Struct, frozen=True):
    """An entry point, and its package."""

    kind: PluginKind
    entry: EntryPoint
    package: str
    version: str


def find_points(kinds: Collection[PluginKind]) -> list[Point]:
    """The entry points of these kinds, by kind, name and package. Takes 20 ms.

    A package whose metadata are damaged is skipped: it may be none of ours, and must not keep the
    daemon from starting. As for imports, the first of two versions on the path counts.
    """
    # It takes as long to import as a small verb.
    from importlib.metadata import distributions  # noqa: PLC0415

    found: dict[tuple[str, str, str], Point] = {}
    for distribution in distributions():
        with suppress(*DAMAGED):
            # Most have none, which their text says sooner than their parsed metadata.
            if f"[{GROUP}" not in (distribution.read_text("entry_points.txt") or ""):
                continue
            package, version = distribution.name or "", distribution.version or ""
            for entry in distribution.entry_points:
                for kind in kinds:
                    if entry.group == f"{GROUP}{kind}":
                        point = Point(kind, entry, package, version)
                        found.setdefault((kind, entry.name, package), point)
    return [found[key] for key in sorted(found)]


def installed_plugins(kinds: Collection[PluginKind] = tuple(NOUNS)) -> list[Plugin]:
    """All of these kinds, by kind, name and package."""
    found: dict[tuple[PluginKind, str], Plugin] = {}
    for point in find_points(kinds):
        plugin = _plugin(point)
        first = found.get((plugin.kind, plugin.name))
        if first is None:
            found[plugin.kind, plugin.name] = plugin
        else:
            fault = f"{plugin.package} has one of this name too: uninstall one of them"
            found[plugin.kind, plugin.name] = msgspec.structs.replace(first, fault=fault)
    return list(found.values())


def _plugin(point: Point) -> Plugin:
    entry, fault = point.entry, ""
    if not _NAME.fullmatch(entry.name):
        fault = "its name must consist of small letters, digits and hyphens"
    elif entry.pattern.fullmatch(entry.value) is None or ":" not in entry.value:
        expected = (
            "package:file" if point.kind in ("alert_rules", "vehicles") else "module:function"
        )
        fault = f"its entry point is not {expected}"
    return Plugin(point.kind, entry.name, point.package, point.version, entry.value, fault)
