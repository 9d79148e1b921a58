"""One Basilisk simulation that hosts all landers: one process and one compiled module a thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from Basilisk.architecture import bskLogging
from Basilisk.simulation import (
    _pyStatefulNumbaModel,
    extForceTorque,
    fuelTank,
    gravityEffector,
    spacecraft,
    svIntegrators,
)
from Basilisk.utilities import SimulationBaseClass, macros

from env.buffers import Buffers
from env.model import LanderModel
from env.moon import MU_M3_S2, RADIUS_M
from env.vehicle import Vehicle

# Scheduler priorities within a task, highest first: forces, messages, integration, judgement.
ACT, READ, INTEGRATE, JUDGE = 1000, 500, 100, 1


class LanderSimulation:
    """Basilisk's side of a fleet. Owns every module; the scheduler holds no references."""

    def __init__(
        self,
        vehicle: Vehicle,
        buffers: Buffers,
        *,
        control_interval_s: float,
        dynamics_interval_s: float,
        threads: int,
    ) -> None:
        bskLogging.setDefaultLogLevel(bskLogging.BSK_ERROR)
        n_envs = buffers.action.shape[0]
        threads = min(threads, n_envs)
        steps = round(control_interval_s / dynamics_interval_s)
        self._control_interval_ns = steps * macros.sec2nano(dynamics_interval_s)
        self._time_ns = 0
        self._modules: list[Any] = []
        self._simulation = SimulationBaseClass.SimBaseClass()
        edges = np.linspace(0, n_envs, threads + 1).astype(int)
        for k in range(threads):
            first, last = int(edges[k]), int(edges[k + 1])
            process = self._simulation.CreateNewProcess(f"thread_{k}")
            task = f"fly_{k}"
            process.addTask(
                self._simulation.CreateNewTask(task, macros.sec2nano(dynamics_interval_s))
            )
            model = LanderModel(buffers, first, last, dynamics_interval_s, steps)
            self._simulation.AddModelToTask(task, model, None, ACT)
            self._modules.append(model)
            for i in range(first, last):
                self._add_craft(task, vehicle, model, i, i - first)
            self._simulation.AddModelToTask(task, model, None, JUDGE)
        if threads > 1:
            self._simulation.TotalSim.resetThreads(threads)
        self._simulation.InitializeSimulation()
        for i, craft in enumerate(self._craft()):
            states = craft.dynManager
            names = ("hubPosition", "hubVelocity", "hubSigma", "hubOmega", *_tank_states(i))
            # Basilisk's own memory of each state: an episode begins and is observed without a copy.
            buffers.state_address[i] = [
                int(_pyStatefulNumbaModel.getStateDataPtr(states.getStateObject(name)))
                for name in names
            ]
        self._tick_at_zero()

    def step(self) -> None:
        """Fly one control interval. All landers' rows of the buffers are up to date afterwards."""
        self._time_ns += self._control_interval_ns
        self._simulation.TotalSim.StepUntilStop(self._time_ns, -1)

    def _tick_at_zero(self) -> None:
        """Run the scheduler's tick at time zero, which integrates nothing, and start counting."""
        self._simulation.TotalSim.StepUntilStop(0, -1)
        for model in self._modules:
            if isinstance(model, LanderModel):
                model.memory.acting = 1
                model.memory.steps_done = 0

    def _craft(self) -> list[Any]:
        return [m for m in self._modules if isinstance(m, spacecraft.Spacecraft)]

    def _add_craft(self, task: str, vehicle: Vehicle, model: LanderModel, i: int, row: int) -> None:
        craft = spacecraft.Spacecraft()
        craft.ModelTag = f"lander_{i}"
        craft.hub.mHub = vehicle.hub_mass_kg
        craft.hub.r_BcB_B = [[0.0], [0.0], [0.0]]
        craft.hub.IHubPntBc_B = np.diag(vehicle.hub_inertia_kg_m2).tolist()
        craft.hub.r_CN_NInit = [[0.0], [0.0], [RADIUS_M + 1000.0]]
        moon = gravityEffector.GravBodyData()
        moon.planetName = "moon"
        moon.mu = MU_M3_S2
        moon.radEquator = RADIUS_M
        moon.isCentralBody = True
        craft.gravField.gravBodies = spacecraft.GravBodyVector([moon])
        integrator = svIntegrators.svIntegratorRK2(craft)
        craft.setIntegrator(integrator)
        push = extForceTorque.ExtForceTorque()
        push.ModelTag = f"push_{i}"
        push.cmdForceBodyInMsg.subscribeTo(model.forceOutMsg[row])
        push.cmdTorqueInMsg.subscribeTo(model.torqueOutMsg[row])
        craft.addDynamicEffector(push)
        tanks = []
        stations = (vehicle.oxidizer_station_m, vehicle.fuel_station_m)
        flows = (model.oxidizerFlowOutMsg[row], model.fuelFlowOutMsg[row])
        for name, station, flow in zip(_tank_states(i), stations, flows, strict=True):
            tank = fuelTank.FuelTank()
            tank.ModelTag = name
            shape = fuelTank.FuelTankModelConstantVolume()
            shape.propMassInit = 1.0
            shape.maxFuelMass = 1.0e6
            shape.r_TcT_TInit = [[0.0], [0.0], [0.0]]
            shape.radiusTankInit = vehicle.tank_radius_m
            tank.setTankModel(shape)
            tank.setR_TB_B([[0.0], [0.0], [station - vehicle.centre_of_mass_station_m]])
            tank.setNameOfMassState(name)
            tank.fuelLeakRateInMsg.subscribeTo(flow)
            craft.addStateEffector(tank)
            tanks += [tank, shape]
            self._simulation.AddModelToTask(task, tank, None, READ)
        self._simulation.AddModelToTask(task, push, None, READ)
        self._simulation.AddModelToTask(task, craft, None, INTEGRATE)
        self._modules += [craft, moon, integrator, push, *tanks]


def _tank_states(i: int) -> tuple[str, str]:
    return f"oxidizer_{i}", f"fuel_{i}"
