"""Forges a model's archive: with code in it that creates a marker file when it is unpickled."""

from __future__ import annotations

import base64
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any


class _Code:
    """Its pickle runs code."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._marker,)


def pickled_code(marker: Path) -> bytes:
    """A pickle that creates `marker` when it is loaded."""
    return pickle.dumps(_Code(marker))


def replace_member(archive: Path, name: str, content: bytes) -> None:
    """Replace a member of a zip, or add it."""
    with zipfile.ZipFile(archive) as old:
        members = {one: old.read(one) for one in old.namelist()}
    with zipfile.ZipFile(archive, "w") as new:
        for one, kept in (members | {name: content}).items():
            new.writestr(one, kept)


def forge_data(archive: Path, marker: Path) -> None:
    """Replace each pickled attribute in `data` by code, and add one; the plain ones stay."""
    with zipfile.ZipFile(archive) as old:
        data = json.loads(old.read("data"))
    code = {":type:": "dict", ":serialized:": base64.b64encode(pickled_code(marker)).decode()}
    pickled = [name for name, value in data.items() if isinstance(value, dict)]
    assert "policy_class" in pickled
    data |= dict.fromkeys([*pickled, "one_more"], code)
    replace_member(archive, "data", json.dumps(data).encode())
