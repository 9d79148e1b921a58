"""The versions on which results depend, compared between the coordinator and each node."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from msgspec import Struct


class Versions(Struct, frozen=True, kw_only=True):
    """What is installed on one machine; an empty string: it is not."""

    landerctl: str
    bsk: str
    torch: str
    python: str

    def __str__(self) -> str:
        return ", ".join(f"{name} {text or 'missing'}" for name, text in _items(self))


def versions_here() -> Versions:
    """This machine's."""
    return Versions(
        landerctl=_version("landerctl"),
        bsk=_version("bsk"),
        torch=_version("torch").partition("+")[0],
        python=platform.python_version(),
    )


def difference(here: Versions, node: str, there: Versions) -> str | None:
    """How a node differs, both named (one line for the user); None if it does not."""
    if here == there:
        return None
    theirs = dict(_items(there))
    differing = [(name, text) for name, text in _items(here) if theirs[name] != text]
    on_node = ", ".join(f"{name} {theirs[name] or 'missing'}" for name, _ in differing)
    on_this = ", ".join(f"{name} {text or 'missing'}" for name, text in differing)
    return (
        f"node {node} has {on_node}; the coordinator has {on_this}: "
        "install the same versions on both"
    )


def _items(versions: Versions) -> list[tuple[str, str]]:
    return [(name, getattr(versions, name)) for name in versions.__struct_fields__]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
