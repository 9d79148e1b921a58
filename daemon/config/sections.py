"""When a change to a section of config.toml takes effect; also documented at its top.

Sections not listed here take effect when the daemon is restarted.
"""

from __future__ import annotations

# Reloaded by a running daemon at once; `landerctl check` and the screen read their own themselves.
HOT = frozenset(
    {
        "resources",
        "alerts",
        "notify",
        "expected",
        "checks",
        "checklist",
        "reviews",
        "rollback",
        "tui",
    }
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
