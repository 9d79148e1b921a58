"""That a run did not begin from scratch, wherever a run is described."""

from __future__ import annotations


def warm_start_text(warm_start: str) -> str:
    """``, warm start: reference`` of `run.warm_start`; "" of a run from scratch."""
    return "" if warm_start == "none" else f", warm start: {warm_start}"
