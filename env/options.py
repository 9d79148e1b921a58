"""The options of `reset`: another start, or the seed of one episode."""

from __future__ import annotations

from typing import Any

from env.base.arguments import LARGEST_SEED, instance, integer, known_names
from env.fleet import LanderFleet
from env.task.start import StartConditions

OPTIONS = ("episode_seed", "start")


def apply_options(fleet: LanderFleet, options: dict[str, Any] | None) -> int | None:
    """Apply them to the next episodes; returns the seed of the next one, None: draw it.

    `start`: `StartConditions` of this and all later episodes. `episode_seed`: the 64-bit seed of
    this episode alone, as in the `info` of the one to fly again. Raises TypeError and ValueError
    that name the option; then nothing is changed.
    """
    if options is None:
        return None
    instance("options", options, dict)
    known_names("option", options, OPTIONS)
    given = options.get("episode_seed")
    seed = None if given is None else integer("options['episode_seed']", given, 0, LARGEST_SEED)
    start = options.get("start")
    if start is not None:
        instance("options['start']", start, StartConditions)
        fleet.set_start(start)
    return seed
