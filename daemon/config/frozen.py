"""A run's frozen configuration: the sections that decide how it trains, and no others.

The others are the daemon's, and hold secrets: a copy of them in a run would be in its backups, in
exports and on other machines.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.config.demo import shortened_if_whole
from daemon.config.judging.error import ConfigError
from daemon.config.load import check_values
from daemon.config.schema import Config
from daemon.config.sections import FROZEN


def load_frozen(path: Path) -> Config:
    """A run's frozen configuration; all other sections, and settings added since, are defaults.

    Raises ConfigError.
    """
    try:
        frozen = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {os.strerror(error.errno or 0)}") from None
    except MALFORMED as error:
        raise ConfigError(f"{path}: {error}") from None
    if "run" not in frozen:
        raise ConfigError(f"{path}: is not a run's configuration: the section run is missing")
    kept = {name: frozen[name] for name in FROZEN if name in frozen}
    return shortened_if_whole(check_values(kept, str(path)))


def encode_frozen(config: Config) -> bytes:
    """The content of a run's `config.json`."""
    return _encode({name: getattr(config, name) for name in FROZEN})


def strip(content: bytes) -> bytes:
    """The content of a `config.json` without what earlier versions copied: the other sections.

    Deterministic; the same bytes if there is nothing to remove, or if it is not JSON.
    """
    try:
        sections = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except MALFORMED:
        return content
    if sections.keys() <= set(FROZEN):
        return content
    return _encode({name: sections[name] for name in FROZEN if name in sections})


def _encode(sections: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(sections), indent=2) + b"\n"
