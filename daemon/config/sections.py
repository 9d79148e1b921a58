"""When a change to a section of config.toml takes effect; also documented at its top.

Sections not listed here take effect when the daemon is restarted.
"""

from __future__ import annotations

# Reloaded by a running daemon at once; `landerctl check` reads its own each time.
HOT = frozenset(
    {"resources", "alerts", "notify", "expected", "checks", "checklist", "reviews", "rollback"}
)
# Frozen when a run is created; changes apply to new runs.
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
