"""The drill `reward`: flies episodes that land and episodes that fail, and judges their rewards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from daemon.config.schema import Stage
from daemon.protocol.finding import Finding
from daemon.trainer.commands.drills.reward_judges import JUDGES, Flown
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.fleets import build_fleet
from env.fleet import Episode, LanderFleet
from env.page import render_environment_page
from env.pilot.pilot import ReferencePilot

LANDING, RANDOM, IDLE = 16, 8, 8  # landers of each stage: the reference pilot's, and others
SEED = 11
PAGE = Path(__file__).parents[4] / "docs" / "environment.md"
SECTIONS = ("Reward by component", "How an episode ends")


def reward(work: Work) -> Iterator[Finding]:
    """Fly every stage, then judge all episodes."""
    stages = work.config.curriculum.stages
    total_s, flown_s = sum(stage.time_limit_s for stage in stages), 0.0
    flown: list[Flown] = []
    for number, stage in enumerate(stages, 1):
        work.report(f"flying stage {number} of {len(stages)}", flown_s / total_s)
        flown.append(_fly(work, stage))
        flown_s += stage.time_limit_s
    every = Flown.of_all(flown)
    for judge in JUDGES:
        yield judge(every, work.config.checklist)
    yield compare_page(PAGE)


def _fly(work: Work, stage: Stage) -> Flown:
    """Episodes of one stage, until each lander has ended one."""
    fleet = build_fleet(work.config, stage, LANDING + RANDOM + IDLE)
    fleet.seed(SEED)
    pilot = ReferencePilot(fleet.settings.vehicle, LANDING, work.config.fleet.control_interval_s)
    generator = np.random.default_rng(SEED)
    observations = fleet.reset()
    pilot.reset(np.arange(LANDING))
    over = np.zeros(fleet.num_envs, bool)
    episodes: list[Episode] = []
    shaping: list[npt.NDArray[np.float64]] = []
    while not over.all():
        actions = np.full((fleet.num_envs, fleet.settings.vehicle.n_actions), -1.0, np.float32)
        actions[:LANDING] = pilot.act(observations[:LANDING])
        others = (RANDOM, actions.shape[1])
        actions[LANDING : LANDING + RANDOM] = generator.uniform(-1.0, 1.0, others)
        observations, ended, shaped = _step(fleet, actions)
        pilot.reset(np.array([k for k in range(LANDING) if ended[k] is not None], np.intp))
        episodes += [episode for episode in ended if episode is not None]
        over |= [episode is not None for episode in ended]
        shaping.append(shaped)
    fleet.close()
    return Flown(episodes, np.concatenate(shaping))


def _step(
    fleet: LanderFleet, actions: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], list[Episode | None], npt.NDArray[np.float64]]:
    """Observations, the episode that each lander ended, and the shaping of each lander's step.

    A step's reward is its shaping, and at an episode's end also all other components.
    """
    fleet.step_async(actions)
    observations, rewards, dones, infos = fleet.step_wait()
    shaping = rewards.astype(np.float64)
    ended: list[Episode | None] = [None] * fleet.num_envs
    for craft in np.flatnonzero(dones):
        episode: Episode = infos[craft]["lander"]
        ended[craft] = episode
        shaping[craft] -= sum(episode.components.values()) - episode.components["shaping"]
    return observations, ended, shaping


def compare_page(page: Path) -> Finding:
    """Whether the page's sections about the reward are what the code generates."""
    if not page.is_file():
        text = "docs/environment.md is in a checkout of the sources only: run the drill there"
        return Finding("documented", None, text)
    written, generated = page.read_text(encoding="utf-8"), render_environment_page()
    differing = [name for name in SECTIONS if _section(written, name) != _section(generated, name)]
    text = f"docs/environment.md has the code's own figures: {', '.join(SECTIONS)}"
    if differing:
        text = f"docs/environment.md differs from the code: {', '.join(differing)}"
    return Finding("documented", not differing, text, {"sections": len(SECTIONS)})


def _section(page: str, heading: str) -> str:
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
