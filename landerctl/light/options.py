"""The options of `status` and `check`, declared once."""

# No `from __future__ import annotations`: the fields' types are read at run time.
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from checks.registry import CHECKS
from landerctl.light.declare import Declaration, plain_number

HOME = Declaration(
    ("--home",),
    "State folder (default: LANDERCTL_HOME, else the XDG state folder).",
    "FOLDER",
    convert=Path,
)
CONFIG = Declaration(
    ("--config",),
    "Configuration file (default: LANDERCTL_CONFIG, else as config.toml says).",
    "FILE",
    convert=Path,
)
JSON = Declaration(("--json",), "Print one JSON object.")


@dataclass(frozen=True, kw_only=True)
class GlobalOptions:
    """What every verb takes, before or after its name."""

    home: Annotated[Path | None, HOME] = None
    config: Annotated[Path | None, CONFIG] = None


@dataclass(frozen=True, kw_only=True)
class StatusOptions(GlobalOptions):
    """The options of `landerctl status`."""

    as_json: Annotated[bool, JSON] = False


@dataclass(frozen=True, kw_only=True)
class CheckOptions(GlobalOptions):
    """The options of `landerctl check`."""

    names: Annotated[
        tuple[str, ...],
        Declaration(
            (),
            f"Checks to run (default: all of {', '.join(CHECKS)}).",
            "[NAME]...",
            convert=str,
            complete=tuple(CHECKS),
        ),
    ] = ()
    as_json: Annotated[bool, JSON] = False
    quiet: Annotated[bool, Declaration(("--quiet", "-q"), "Print nothing where all is well.")] = (
        False
    )
    timeout_s: Annotated[
        float,
        Declaration(
            ("--timeout",),
            "Give up and answer UNKNOWN after this long.",
            "SECONDS",
            minimum=0.1,
            convert=plain_number,
        ),
    ] = 10.0
