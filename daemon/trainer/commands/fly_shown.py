"""Flies an evaluation's flights in processes, and shows the progress."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.trainer.commands.episode_progress import EpisodeProgress
from daemon.trainer.evaluation.flight import Flight, Flown
from daemon.trainer.evaluation.pilot_source import PilotSource
from daemon.trainer.evaluation.workers.fly_shared import Crew, fly_shared
from env.fleet import FleetSettings


def fly_shown(
    source: PilotSource,
    settings: FleetSettings,
    flights: Sequence[Flight],
    *,
    name: str = "",
    record: bool = False,
) -> list[Flown]:
    """Fly each flight once, with at most the landers and threads of `settings`; in their order.

    `name`: who flies, where several do in turn. Raises WorkerLostError.
    """
    crew = Crew.of(len(flights), landers=settings.n_envs, threads=settings.threads)
    progress = EpisodeProgress(len(flights), crew.workers * crew.landers, name)
    flown = fly_shared(source.make, settings, flights, crew, progress=progress.show, record=record)
    progress.clear()
    return flown
