"""The version of what an environment shows, does and rewards, beside its settings."""

from __future__ import annotations

# Raised when numbers of the observation or the effect of an action come to mean something else:
# what was learned before is then refused (daemon.trainer.checkpointing.save_restore).
ENVIRONMENT_VERSION = 1
