"""Alert rules as TOML of a configuration file."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from daemon.config import load_config
from daemon.config.schema import AlertRule

DEFAULT_RULES = load_config(None).config.alerts


def rule_toml(rule: AlertRule) -> str:
    """A rule as one [[alerts]] table."""
    return "[[alerts]]\n" + toml(msgspec.to_builtins(rule))


def toml(values: Mapping[str, object]) -> str:
    """TOML of a flat table; JSON's strings, numbers and lists are TOML's."""
    lines = (f"{k} = {json.dumps(v)}\n" for k, v in values.items() if v is not None)
    return "".join(lines)
