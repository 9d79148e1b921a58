"""The options of `sweep status`."""

# No `from __future__ import annotations`: the fields' types are read at run time.
from typing import Annotated

from landerctl.fast_path.declare import Declaration, plain_number
from landerctl.fast_path.options import JSON, GlobalOptions


class SweepStatusOptions(GlobalOptions, frozen=True, kw_only=True):
    """The options of `landerctl sweep status`."""

    names: Annotated[
        tuple[str, ...],
        Declaration(
            (),
            "A sweep's name (default: the newest).",
            "[SWEEP]",
            convert=str,
            complete_kind="sweeps",
        ),
    ] = ()
    everything: Annotated[bool, Declaration(("--all",), "Every trial, also of a large sweep.")] = (
        False
    )
    as_json: Annotated[bool, JSON] = False
    watch: Annotated[
        bool, Declaration(("--watch",), "Show it again and again, until it ends or Ctrl-C.")
    ] = False
    interval_s: Annotated[
        float,
        Declaration(
            ("--interval",),
            "Time between two looks with --watch.",
            "SECONDS",
            minimum=0.2,
            maximum=86_400.0,
            convert=plain_number,
        ),
    ] = 2.0
