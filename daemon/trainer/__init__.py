"""The supervised training process: torch, stable-baselines3, Basilisk."""

import os

from daemon.base.cgroup import read_limits, usable_cpus

# OpenMP threads waiting for work spin for some tens of microseconds, then sleep. Without a limit
# they take CPU time from Basilisk's threads and other processes; without spinning, each piece of an
# update has to wake them. Must be set before OpenMP is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
# A thread for each processor of the machine, of which a container's quota allows a few only, would
# be stopped by the kernel for most of each period.
if (_limits := read_limits()).cpu is not None:
    os.environ.setdefault("OMP_NUM_THREADS", str(usable_cpus(_limits)))
