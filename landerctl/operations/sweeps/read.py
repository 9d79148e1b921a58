"""Reads a sweep: its specification, its store, its coordinator."""

from __future__ import annotations

import time

from daemon.config import ConfigError
from daemon.sweeps.creation import read_spec
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.search.propose import total_trials
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import opened
from landerctl.operations.sweeps.running import coordinator_pid, coordinator_runs, engine_name
from landerctl.operations.sweeps.status import SweepStatus, build_status


def spec_of(sweep: SweepPaths) -> SweepSpec:
    """What the sweep is to do. Raises Failure."""
    try:
        return read_spec(sweep)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.UNKNOWN) from None


def status_of(sweep: SweepPaths, *, most: int | None) -> SweepStatus:
    """The sweep now; `most` as for `build_status`. Raises Failure."""
    spec = spec_of(sweep)
    pid = coordinator_pid(sweep) if coordinator_runs(sweep) else None
    with opened(sweep) as store:
        return build_status(
            sweep,
            spec,
            store.trials(),
            store.legs(),
            store.notes(),
            total=total_trials(spec),
            pid=pid,
            engine=engine_name(sweep),
            now_s=time.time(),
            most=most,
        )
