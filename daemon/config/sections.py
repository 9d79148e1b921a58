"""When a change to a section of config.toml takes effect; config.toml's head says it to users.

Sections named nowhere here are the daemon's: they hold from its next start.
"""

from __future__ import annotations

# A running daemon takes these up at once; `landerctl check` reads its own each time.
HOT = frozenset({"resources", "alerts", "notify", "expected", "checks", "rollback"})
# What a run keeps from its beginning; changes hold for new runs.
FROZEN = (
    "run",
    "fleet",
    "terrain",
    "sensors",
    "network",
    "ppo",
    "sac",
    "td3",
    "normalize",
    "curriculum",
    "checkpoints",
    "guards",
    "divergence",
    "evaluation",
)
