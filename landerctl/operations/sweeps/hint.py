"""Whether a sweep runs in a state folder, in a few words: for those who look at something else."""

from __future__ import annotations

import msgspec

from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.sweeps.records import ENDED, TrialState
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import all_sweeps
from landerctl.operations.sweeps.running import coordinator_runs
from landerctl.operations.sweeps.status import PAUSED


class RunningSweep(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep whose coordinator runs."""

    name: str
    paused: str  # ``paused: why``; empty: it is not
    running: int  # trials
    ended: int

    @property
    def text(self) -> str:
        """``Sweep rates runs; trials: 2 running, 3 ended``."""
        trials = f"trials: {self.running} running, {self.ended} ended"
        return f"Sweep {self.name} {self.paused or 'runs'}; {trials}"


def running_sweep(paths: StatePaths) -> RunningSweep | None:
    """The newest sweep that runs; None: there is none, or its store cannot be read."""
    try:
        sweep = next((one for one in all_sweeps(paths) if coordinator_runs(one)), None)
        if sweep is None:
            return None
        with SweepStore.open(sweep.store) as store:
            counts, notes = store.counts(), store.notes()
    except (Failure, SweepStoreError, OSError):
        return None  # the page of sweeps says why
    last = notes[-1] if notes else None
    return RunningSweep(
        name=sweep.id,
        paused=one_line(last.text) if last is not None and last.kind == PAUSED else "",
        running=counts.get(TrialState.RUNNING, 0),
        ended=sum(counts.get(state, 0) for state in ENDED),
    )
