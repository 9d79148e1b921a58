"""How long a fleet of 128 on two threads takes to be ready, on an empty and on a full cache.

References of the same round: on an empty cache a fixed amount of numba's work, in one process; on a
full cache the imports alone. Medians of the ratios' parts; the rounds alternate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import report

FLEET = """
from env.fleet import FleetSettings, LanderFleet
LanderFleet(FleetSettings(n_envs=128, threads=2)).reset()
"""
IMPORTS = "import env.fleet"
# Loops over arrays, compiled apart from each other without a cache, as the environment's are.
FIXED_WORK = """
import numba, numpy as np
def make(limit):
    @numba.njit
    def relax(x, y, n):
        total = 0.0
        for i in range(n):
            for j in range(n):
                if x[i, j] > limit:
                    total += x[i, j] * y[j] / (1.0 + limit)
                else:
                    total -= np.sin(x[i, j])
            y[i] = total
        return total
    return relax
for k in range(60):
    make(float(k)).compile("(float64[:, ::1], float64[::1], int64)")
"""


def main() -> None:
    """Print one JSON object for each of the two caches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    took: dict[str, list[float]] = {"empty": [], "work": [], "full": [], "imports": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cache = Path(folder)
            took["work"].append(_run(FIXED_WORK, cache))
            took["empty"].append(_run(FLEET, cache))
            took["imports"].append(_run(IMPORTS, cache))
            took["full"].append(_run(FLEET, cache))
    medians = {name: statistics.median(seconds) for name, seconds in took.items()}
    report(
        "fleet on an empty cache, reference 60 functions compiled by numba",
        medians["empty"],
        "s",
        medians["work"],
    )
    report("fleet on a full cache, reference its imports", medians["full"], "s", medians["imports"])


def _run(script: str, cache: Path) -> float:
    """Seconds from the start of a new process to its end."""
    started_s = time.perf_counter()
    environ = os.environ | {"XDG_CACHE_HOME": str(cache)}
    subprocess.run([sys.executable, "-c", script], env=environ, check=True)
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()
