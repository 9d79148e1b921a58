"""Carries out the screen's requests about sweeps."""

from __future__ import annotations

from collections.abc import Callable

from daemon.base.paths import StatePaths
from daemon.protocol.control import Done, Refused
from daemon.sweeps.records import TrialState
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep, opened
from landerctl.operations.sweeps.read import spec_of
from landerctl.operations.sweeps.requests import StopSweep, SweepRequest
from landerctl.operations.sweeps.running import (
    read_placement,
    refuse_running,
    require_engine,
    start_coordinator,
    stop_coordinator,
)

PATIENCE_S = 600.0  # as `landerctl sweep stop`


def carry_out(
    paths: StatePaths, asked: SweepRequest, report: Callable[[str], None]
) -> Done | Refused:
    """The final answer; `report` gets the progress."""
    try:
        sweep = find_sweep(paths, asked.name)
        if isinstance(asked, StopSweep):

            def running() -> int:
                with opened(sweep) as store:
                    return store.counts().get(TrialState.RUNNING, 0)

            stop_coordinator(sweep, PATIENCE_S, running, report)
            return Done(f"{sweep.id} is stopped: its trials have saved; s resumes it")
        refuse_running(sweep, "nothing to do")
        placement = read_placement(sweep)
        require_engine(placement, spec_of(sweep))
        pid = start_coordinator(sweep, placement)
        return Done(f"{sweep.id} runs in the background, coordinator {pid}")
    except Failure as failure:
        return Refused("failed", str(failure))
