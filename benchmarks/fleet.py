"""Fleet steps per second against raw Basilisk propagation of the same craft at the same step.

The reference pilot flies the fleet with everything: craters up to the pad, LiDAR in range, sensor
noise, contact; the pilot's own time is not counted. The raw simulation has no engine model,
observation, reward or Python between its steps: it is the upper limit of Basilisk. Both are timed
alternately, and medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.utilities import SimulationBaseClass, macros

from benchmarks.report import report
from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicles import STARSHIP_HLS
from env.pilot.pilot import ReferencePilot
from env.stepping.craft import CraftInputs, add_craft
from env.task.start import TOUCHDOWN

SIZES = (1, 8, 64, 128, 256)
ROUNDS = 7
MOST_STEPS = 3_000
CRAFT_STEPS = 20_000  # environment steps of all landers together in one round
RESETS = 300
SETTINGS = FleetSettings(
    start=replace(
        TOUCHDOWN,
        altitude_m=(30.0, 500.0),
        delta_v_m_s=(400.0, 640.0),
        ground_slope_deg=(0.0, 6.0),
        relief=1.0,
        clear_radius_m=0.0,
    )
)


def main() -> None:
    """Print by fleet size and threads; the reference is raw propagation with as many threads."""
    for n_envs in SIZES:
        for threads in (1, 2) if n_envs > 1 else (1,):
            steps = min(CRAFT_STEPS // n_envs, MOST_STEPS)
            fly, propagate = _fleet(n_envs, threads), _raw(n_envs, threads)
            fleet_s, raw_s = [], []
            for _ in range(ROUNDS):
                raw_s.append(propagate(steps))
                fleet_s.append(fly(steps))
            total = steps * n_envs
            report(
                f"fleet of {n_envs}, {threads} thread{'s'[: threads - 1]}, "
                "reference raw Basilisk propagation",
                total / statistics.median(fleet_s),
                "steps/s",
                total / statistics.median(raw_s),
            )
    _reset()


def _reset() -> None:
    """Time of a craft's reset between episodes, new terrain included."""
    fleet = LanderFleet(replace(SETTINGS, n_envs=64))
    seconds = []
    for k in range(RESETS):
        began = time.perf_counter()
        fleet.begin(k % 64)
        seconds.append(time.perf_counter() - began)
    report(
        "reset of a craft, reference one millisecond", 1e6 * statistics.median(seconds), "us", 1e3
    )


def _fleet(n_envs: int, threads: int) -> Callable[[int], float]:
    """A function that flies steps and returns the seconds spent in the fleet."""
    fleet = LanderFleet(replace(SETTINGS, n_envs=n_envs, threads=threads))
    pilot = ReferencePilot(SETTINGS.vehicle, n_envs)
    observations = fleet.reset()

    def fly(steps: int) -> float:
        nonlocal observations
        taken_s = 0.0
        for _ in range(steps):
            actions = pilot.act(observations)
            began = time.perf_counter()
            fleet.step_async(actions)
            observations, _, dones, _ = fleet.step_wait()
            taken_s += time.perf_counter() - began
            pilot.reset(np.flatnonzero(dones))
        return taken_s

    fly(5)
    return fly


def _raw(n_envs: int, threads: int) -> Callable[[int], float]:
    simulation = SimulationBaseClass.SimBaseClass()
    step_ns = macros.sec2nano(SETTINGS.dynamics_interval_s)
    inputs = CraftInputs(
        messaging.CmdForceBodyMsg().write(messaging.CmdForceBodyMsgPayload()),
        messaging.CmdTorqueBodyMsg().write(messaging.CmdTorqueBodyMsgPayload()),
        messaging.MassFlowRateMsg().write(messaging.MassFlowRateMsgPayload()),
        messaging.MassFlowRateMsg().write(messaging.MassFlowRateMsgPayload()),
    )
    crafts = []
    tasks = [simulation.CreateNewTask(f"t{k}", step_ns) for k in range(threads)]
    for k, task in enumerate(tasks):
        simulation.CreateNewProcess(f"p{k}").addTask(task)
    for i in range(n_envs):
        task = tasks[i * threads // n_envs]
        crafts.append(add_craft(task.TaskData, STARSHIP_HLS, i, inputs))
    if threads > 1:
        simulation.TotalSim.resetThreads(threads)
    simulation.InitializeSimulation()
    control_ns = macros.sec2nano(SETTINGS.control_interval_s)
    stop_ns = 0

    def propagate(steps: int) -> float:
        nonlocal stop_ns, crafts
        stop_ns += steps * control_ns
        simulation.ConfigureStopTime(stop_ns)
        began = time.perf_counter()
        simulation.ExecuteSimulation()
        return time.perf_counter() - began

    propagate(5)
    return propagate


if __name__ == "__main__":
    main()
