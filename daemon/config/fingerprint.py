"""Fingerprints of what a measurement is of: frozen configuration, versions, other settings."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from daemon.config.frozen import encode_frozen
from daemon.config.schema import Config
from daemon.config.sections import FROZEN

# What decides how a training goes, besides its configuration.
PACKAGES = ("landerctl", "bsk", "stable_baselines3", "gymnasium", "torch", "numba", "numpy")
# Of the other sections these only say how results are shown or judged.
_SHOWN = frozenset({"checklist", "expected", "checks", "reviews", "tui"})
_LENGTH = 16


def versions() -> dict[str, str]:
    """The installed version of Python and of each of PACKAGES; "" if it is not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def fingerprint(config: Config) -> str:
    """Of the sections that a run freezes, and of `versions()`: 16 hexadecimal digits."""
    return _digest({"frozen": msgspec.Raw(encode_frozen(config)), "versions": versions()})


def settings_digest(config: Config) -> str:
    """Of the sections that are the daemon's: alerts, targets, backups, servers."""
    names = [name for name in config.__struct_fields__ if name not in {*FROZEN, *_SHOWN}]
    return _digest({name: getattr(config, name) for name in names})


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _digest(content: dict[str, Any]) -> str:
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:_LENGTH]
