"""The file of a plugin that is data: found without importing its package, and read."""

from __future__ import annotations

import json
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from daemon.config.judging.explain import explain_toml
from daemon.config.layering.faults import plain_faults
from daemon.config.read import UnreadableError, is_there, read_text
from daemon.plugins.installed import Plugin

ENDINGS = (".toml", ".json")


class PluginFileError(Exception):
    """A plugin's file is missing or invalid. The message is one line."""


def read_data_file(plugin: Plugin) -> dict[str, Any]:
    """The content of ``package/file.toml`` (or .json) of the entry point ``package:file``.

    Only plain data: no infinities, no deep nesting. Raises PluginFileError.
    """
    path = _path_of(plugin.value)
    try:
        text = read_text(path)
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except UnreadableError as error:
        raise PluginFileError(f"{path.name}: {error}") from None
    except (ValueError, RecursionError) as error:
        why = explain_toml(error) if path.suffix == ".toml" else "is not valid JSON"
        raise PluginFileError(f"{path.name}: {why}") from None
    if not isinstance(content, dict):
        raise PluginFileError(f"{path.name}: expected a table")
    for fault in plain_faults(content, ()):
        raise PluginFileError(f"{path.name}: {fault.text}")
    return content


def _path_of(value: str) -> Path:
    module, _, stem = value.partition(":")
    package, *folders = module.split(".")
    # Of a package in no other: find_spec imports the outer ones of a nested one.
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise PluginFileError(f"there is no package {package!r}")
    candidates = [
        Path(place, *folders, f"{stem}{ending}") for place in places for ending in ENDINGS
    ]
    for path in candidates:
        if is_there(path):
            return path
    raise PluginFileError(f"package {package!r} has no file {'/'.join([*folders, stem])}.toml")
