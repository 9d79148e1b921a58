"""A coordinator reduced to one leg on the Ray engine: ADDRESS SWEEP_FOLDER EPOCH.

Standard output: each new report as a line of JSON, until one has ended.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

import msgspec
from msgspec.structs import replace

from daemon.sweeps.engines.engine import TrialReport
from daemon.sweeps.engines.ray.engine import RayEngine
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.store.sweep_store import SweepStore
from tests.daemon.sweeps.engines.ray.sweep_on_disk import order_of, spec_of

FAKE_TRIAL = ("-m", "tests.daemon.sweeps.trial_fake")
POLL_S = 0.1


def main() -> None:
    address, sweep, epoch = sys.argv[1], SweepPaths(Path(sys.argv[2])), int(sys.argv[3])
    engine = RayEngine(sweep, spec_of(sweep), address, trial=FAKE_TRIAL)
    engine.start(order_of(sweep, epoch))
    pause, last = Event(), TrialReport(trial=0, epoch=0, steps=0, metrics={})
    with SweepStore.open(sweep.store, write=True) as store:
        while last.ended is None:
            for report in engine.observe():
                if report == last:
                    continue
                last = report
                with store.transaction():
                    place = report.place or store.trial(0).place
                    store.put_trial(replace(store.trial(0), place=place))
                sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
                sys.stdout.buffer.flush()
            pause.wait(POLL_S)
    engine.close()


if __name__ == "__main__":
    main()
