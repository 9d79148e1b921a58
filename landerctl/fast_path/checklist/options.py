"""The options of `checklist`. A module of its own, as importing the table takes time."""

# No `from __future__ import annotations`: the fields' types are read at run time.
from typing import Annotated

from checks.checklist.table.all import LINES, PHASES
from landerctl.fast_path.declare import Declaration, plain_number
from landerctl.fast_path.options import JSON, GlobalOptions


class ChecklistOptions(GlobalOptions, frozen=True, kw_only=True):
    """The options of `landerctl checklist`."""

    names: Annotated[
        tuple[str, ...],
        Declaration(
            (),
            "Phases to show, or lines to show whole (default: all phases).",
            "PHASE|ID",
            convert=str,
            complete=(*(phase.id for phase in PHASES), *(line.id for line in LINES)),
        ),
    ] = ()
    only_open: Annotated[bool, Declaration(("--open",), "Only lines that do not hold.")] = False
    as_json: Annotated[bool, JSON] = False
    watch: Annotated[bool, Declaration(("--watch",), "Judge again and again, until Ctrl-C.")] = (
        False
    )
    interval_s: Annotated[
        float,
        Declaration(
            ("--interval",),
            "Time between two judgements with --watch.",
            "SECONDS",
            minimum=1.0,
            maximum=86_400.0,
            convert=plain_number,
        ),
    ] = 10.0
