"""Which settings of a configuration differ from the tested defaults."""

from __future__ import annotations

from collections.abc import Mapping

from checks.preflight.row import Row
from checks.verdict import Level
from checks.wording import some_of
from daemon.config.differing import differing
from daemon.config.schema import Config

SHOWN = 4


def shown(found: Mapping[str, str]) -> str:
    """Some settings with their values, and how many there are besides."""
    return some_of([f"{name} = {value}" for name, value in found.items()], SHOWN)


def settings_row(config: Config, default: Config, source: str) -> Row:
    """OK: it is valid; the settings that differ are named, and WARNING says they are not tested."""
    found = differing(config, default)
    if not found:
        return Row("configuration", Level.OK, f"{source}: valid, trains as tested")
    text = f"{source}: valid; differs from what was tested: {shown(found)}"
    remedy = "if that is meant, go on; the drills test it on this machine"
    return Row("configuration", Level.WARNING, text, remedy, dict(found))
