"""A configuration as the text of a config.toml."""

from __future__ import annotations

from typing import Any

import msgspec
import tomli_w

from daemon.config.schema import Config
from daemon.config.sections import FROZEN


def config_text(config: Config) -> str:
    """Its settings as a file has them: without those that are None, or name a removed rule."""
    content: dict[str, Any] = _without_none(msgspec.to_builtins(config))
    names = {rule.name for rule in config.alerts}
    triggers = config.rollback.triggers
    content["rollback"]["triggers"] = {k: v for k, v in triggers.items() if k in names}
    return tomli_w.dumps(content)


def frozen_text(config: Config) -> str:
    """The sections that a run freezes, which hold no secrets, as a file has them."""
    frozen = {name: msgspec.to_builtins(getattr(config, name)) for name in FROZEN}
    return tomli_w.dumps(_without_none(frozen))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_none(one) for one in value]
    return value
