"""The supervised process that flies and learns: torch, stable-baselines3, Basilisk."""

import os

# Threads that wait for the next piece of an update spin for some tens of microseconds, then sleep:
# without a limit they spin in the way of Basilisk's threads and of whatever else the machine does,
# without spinning each piece wakes them anew. Set before OpenMP is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
