"""The version of what an environment shows, does and rewards, beside its settings."""

from __future__ import annotations

# Raised when numbers of the observation or the effect of an action come to mean something else:
# what was learned before is then refused (daemon.trainer.checkpointing.save_restore).
# 2: the reference field is measured at the craft's centre, not at its feet.
ENVIRONMENT_VERSION = 2
ENVIRONMENT = "environment"  # its name among recorded versions; what recorded none is version 1
