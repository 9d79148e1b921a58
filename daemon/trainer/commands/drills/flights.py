"""Flights that show whether the environment resets, ends and scales as it should."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daemon.base.text.counted import counted
from daemon.config.schema import Stage
from daemon.protocol.finding import Figures, Finding
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.fleets import build_fleet, fleet_settings
from daemon.trainer.loop.episode_log import EpisodeLog
from env.base.moon import SURFACE_GRAVITY_M_S2
from env.fleet import Episode, LanderFleet
from env.lander import LunarLander
from env.physics.vehicle import Vehicle
from env.pilot.allocation import Allocator
from env.pilot.attitude import turning_torque
from env.pilot.mass import mass_properties
from env.pilot.sensed import Decoder
from env.pilot.vectors import dot
from env.task.reward import Outcome
from env.task.start import TOUCHDOWN

FLEET_STEPS = 200
SEED = 7
REPEATED_STEPS = 200
LEAN_M = 10.0  # at most by so much a leaning craft's feet are off the altitude that was drawn
HOVER_S = 20.0
CLIMB_DAMPING_PER_S = 0.5
NOSE = np.array([[0.0, 0.0, 1.0]])


def create(work: Work) -> Finding:
    """Create one lander, reset and close it."""
    began = time.perf_counter()
    lander = LunarLander(fleet_settings(work.config, work.config.curriculum.stages[0], 1))
    created_s = time.perf_counter() - began
    observation, _ = lander.reset(seed=SEED)
    lander.close()
    size = observation.size
    text = f"created in {created_s:.1f} s, reset and closed: {size} numbers observed"
    fits = lander.observation_space.contains(observation)
    return Finding(
        "creates", fits, text, {"created_s": round(created_s, 2), "observation_size": size}
    )


def fly_alone(work: Work) -> Finding:
    """A fleet of one."""
    return Finding("single", *_fly_finite(work, (1,)))


def fly_parallel(work: Work) -> Finding:
    """A small fleet and a large one."""
    return Finding("parallel", *_fly_finite(work, (4, 128)))


def _fly_finite(work: Work, sizes: tuple[int, ...]) -> tuple[bool, str, Figures]:
    ended = 0
    for size in sizes:
        fleet = build_fleet(work.config, work.config.curriculum.stages[0], size)
        fleet.seed(SEED)
        generator = np.random.default_rng(SEED)
        numbers = fleet.reset()
        for _ in range(FLEET_STEPS):
            shape = (size, *(fleet.action_space.shape or ()))
            fleet.step_async(generator.uniform(-1.0, 1.0, shape).astype(np.float32))
            numbers, rewards, dones, _ = fleet.step_wait()
            ended += int(dones.sum())
            if not (np.isfinite(numbers).all() and np.isfinite(rewards).all()):
                fleet.close()
                return False, f"{size} landers: an observation or reward is not finite", {}
        fleet.close()
    landers = " and ".join(map(str, sizes))
    text = f"fleets of {landers}: {FLEET_STEPS} steps, {ended} episodes ended, all numbers finite"
    return True, text, {"steps": FLEET_STEPS, "episodes": ended}


def repeat_resets(work: Work) -> Finding:
    """In the first and the last stage: two resets with one seed, and one with another."""
    differing: list[str] = []
    for stage in (work.config.curriculum.stages[0], work.config.curriculum.stages[-1]):
        lander = LunarLander(fleet_settings(work.config, stage, 1))
        first, again, other = (_flight(lander, seed) for seed in (SEED, SEED, SEED + 1))
        if not np.array_equal(first, again):
            differing.append(f"{stage.name}: one seed, two flights")
        if np.array_equal(first[0], other[0]):
            differing.append(f"{stage.name}: two seeds, one start")
        if problem := _start_is_off(lander, stage):
            differing.append(f"{stage.name}: {problem}")
        lander.close()
    text = "; ".join(differing) or (
        f"one seed, one flight, to the bit over {REPEATED_STEPS} steps, in the first and the last "
        "stage; each reset starts within the stage's ranges at once"
    )
    return Finding("reset-sequence", not differing, text, {"steps": REPEATED_STEPS})


def _flight(lander: LunarLander, seed: int) -> npt.NDArray[np.float32]:
    """The observations of a flight from a reset, by the same random actions each time."""
    generator = np.random.default_rng(SEED)
    seen = [lander.reset(seed=seed)[0]]
    for _ in range(REPEATED_STEPS):
        shape = lander.action_space.shape
        observation, _, over, _, _ = lander.step(
            generator.uniform(-1.0, 1.0, shape).astype(np.float32)
        )
        seen.append(observation)
        if over:
            break
    return np.array(seen)


def _start_is_off(lander: LunarLander, stage: Stage) -> str:
    """Whether the state right after a reset is not that of a start; empty if it is."""
    lander.reset(seed=SEED)
    altitude_m = lander._fleet.telemetry(0).altitude_m
    low, high = stage.altitude_m
    if low - LEAN_M <= altitude_m <= high + LEAN_M:
        return ""
    return f"reset to {altitude_m:.1f} m, the stage starts at {low:g} to {high:g} m"


class Hoverer:
    """Holds a craft upright where it is."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._decoder, self._allocator = Decoder(vehicle), Allocator(vehicle)

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Commands (N, A) for observations (N, D)."""
        sensed = self._decoder.decode(observations)
        body = mass_properties(self._vehicle, sensed.propellant_kg)
        climb_m_s = dot(sensed.velocity_m_s, sensed.up)
        lift_m_s2 = SURFACE_GRAVITY_M_S2 - CLIMB_DAMPING_PER_S * climb_m_s
        capability = np.full(len(climb_m_s), min(self._vehicle.rcs_torque_nm[:2]))
        nose = np.broadcast_to(NOSE, sensed.up.shape)
        torque = turning_torque(nose, sensed.up, sensed.rate_rad_s, body, capability)
        engine = np.full(len(climb_m_s), self._vehicle.n_landing_thrusters == 0)
        lift_n = body.mass_kg * np.maximum(lift_m_s2, 0.0)
        return self._allocator.allocate(lift_n, torque, engine, sensed, body)


def hover(work: Work) -> Finding:
    """Landers that hover over the pad until a time limit of HOVER_S."""
    config = work.config
    fleet = build_fleet(config, config.curriculum.stages[0], 4)
    fleet.set_start(replace(TOUCHDOWN, time_limit_s=HOVER_S))
    episodes = _fly_to_the_end(fleet, Hoverer(fleet.settings.vehicle))
    fleet.close()
    log = EpisodeLog().add(episodes, timesteps=0, now_s=0.0)
    listed = [] if log is None else [one for one in log.failed if one.cause == "timeout"]
    outcomes = {episode.outcome.name.lower() for episode in episodes}
    last_s = max(episode.time_s for episode in episodes)
    text = (
        f"{counted(len(episodes), 'hovering lander')} ended after {last_s:.1f} s: "
        f"{', '.join(outcomes)}; {len(listed)} of them listed as failed by `timeout`"
    )
    figures: Figures = {"landers": len(episodes), "limit_s": HOVER_S, "listed": len(listed)}
    timed_out = all(episode.outcome is Outcome.TIMEOUT for episode in episodes)
    return Finding("timeouts-logged", timed_out and len(listed) == len(episodes), text, figures)


def _fly_to_the_end(fleet: LanderFleet, pilot: Hoverer) -> list[Episode]:
    """The first episode of each craft."""
    fleet.seed(SEED)
    observations = fleet.reset()
    ended: dict[int, Episode] = {}
    while len(ended) < fleet.num_envs:
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        for craft in np.flatnonzero(dones):
            ended.setdefault(int(craft), infos[craft]["lander"])
    return list(ended.values())
