"""The supervised training process: torch, stable-baselines3, Basilisk."""

import os

# OpenMP threads waiting for work spin for some tens of microseconds, then sleep. Without a limit
# they take CPU time from Basilisk's threads and other processes; without spinning, each piece of an
# update has to wake them. Must be set before OpenMP is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
