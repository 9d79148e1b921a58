"""The version of what an environment shows, does and rewards, beside its settings."""

from __future__ import annotations

from daemon.checkpoint.manifest import Manifest

# Raised when numbers of the observation or the effect of an action come to mean something else:
# what was learned before is then refused.
# 2: the reference field is measured at the craft's centre, not at its feet.
ENVIRONMENT_VERSION = 2
ENVIRONMENT = "environment"  # its name among recorded versions; what recorded none is version 1


def environment_fault(manifest: Manifest) -> str | None:
    """Why a checkpoint cannot be used with this environment; None if it can.

    Its observations may have the same shape and mean something else: nothing else would show it.
    """
    learned = manifest.versions.get(ENVIRONMENT, "1")
    if learned == str(ENVIRONMENT_VERSION):
        return None
    return (
        f"{manifest.id}: it learned in version {learned} of the environment, this is version "
        f"{ENVIRONMENT_VERSION}, whose observations mean something else; use the landerctl that "
        "trained it, or start a new run: landerctl start --fresh"
    )


def environment_versions() -> dict[str, str]:
    """What a checkpoint records of the environment that it learned in."""
    return {ENVIRONMENT: str(ENVIRONMENT_VERSION)}
