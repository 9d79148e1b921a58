"""The options of `check`. A module of its own, as importing the table of checks takes time."""

# No `from __future__ import annotations`: the fields' types are read at run time.
from typing import Annotated

from checks.registry import CHECKS, DEFAULT, ONLY_NAMED
from landerctl.fast_path.declare import Declaration, plain_number
from landerctl.fast_path.options import JSON, GlobalOptions


class CheckOptions(GlobalOptions, frozen=True, kw_only=True):
    """The options of `landerctl check`."""

    names: Annotated[
        tuple[str, ...],
        Declaration(
            (),
            f"Checks to run (default: {', '.join(DEFAULT)}); also {', '.join(ONLY_NAMED)}.",
            "NAME",
            convert=str,
            complete=tuple(CHECKS),
        ),
    ] = ()
    as_json: Annotated[bool, JSON] = False
    quiet: Annotated[bool, Declaration(("--quiet", "-q"), "Print nothing if the result is OK.")] = (
        False
    )
    ping: Annotated[
        bool,
        Declaration(
            ("--ping",),
            "Report run and result to the dead-man service in checks.ping_url_file.",
        ),
    ] = False
    timeout_s: Annotated[
        float,
        Declaration(
            ("--timeout",),
            "Exit with UNKNOWN after this time.",
            "SECONDS",
            minimum=0.1,
            maximum=86_400.0,
            convert=plain_number,
        ),
    ] = 10.0
