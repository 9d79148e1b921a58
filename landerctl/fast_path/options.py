"""The options of every verb, and those of `status`."""

# No `from __future__ import annotations`: the fields' types are read at run time.
from pathlib import Path
from typing import Annotated

import msgspec

from landerctl.fast_path.declare import Declaration

HOME = Declaration(
    ("--home",),
    "State folder (default: LANDERCTL_HOME, else XDG's).",
    "FOLDER",
    convert=Path,
)
CONFIG = Declaration(
    ("--config",),
    "Configuration file (default: LANDERCTL_CONFIG, else see its header); several are layered.",
    "FILE",
    convert=Path,
    repeatable=True,
)
AT = Declaration(
    ("--at",),
    "Show that moment of the past: an age (2h) or a time (03:12, 2026-01-31T14:00).",
    "TIME",
    convert=str,
)
JSON = Declaration(("--json",), "Print one JSON object.")


class GlobalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of every verb, before or after its name."""

    home: Annotated[Path | None, HOME] = None
    config: Annotated[tuple[Path, ...], CONFIG] = ()


class StatusOptions(GlobalOptions, frozen=True, kw_only=True):
    """The options of `landerctl status`."""

    at: Annotated[str | None, AT] = None
    as_json: Annotated[bool, JSON] = False
