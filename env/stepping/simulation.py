"""One Basilisk simulation of all landers: one process and one compiled module per thread."""

from __future__ import annotations

import numpy as np
from Basilisk.architecture import bskLogging
from Basilisk.simulation import _pyStatefulNumbaModel
from Basilisk.utilities import SimulationBaseClass, macros

from env.physics.vehicle import Vehicle
from env.state.buffers import Buffers
from env.stepping.craft import ACT, JUDGE, Craft, CraftInputs, add_craft, state_names
from env.stepping.model import LanderModel


class LanderSimulation:
    """The Basilisk part of a fleet. Owns every module, as the scheduler keeps no references."""

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
        self._models: list[LanderModel] = []
        self._crafts: list[Craft] = []
        self._simulation = SimulationBaseClass.SimBaseClass()
        edges = np.linspace(0, n_envs, threads + 1).astype(int)
        for k in range(threads):
            first, last = int(edges[k]), int(edges[k + 1])
            task = f"fly_{k}"
            process = self._simulation.CreateNewProcess(f"thread_{k}")
            process.addTask(
                self._simulation.CreateNewTask(task, macros.sec2nano(dynamics_interval_s))
            )
            model = LanderModel(buffers, first, last, dynamics_interval_s, steps)
            self._models.append(model)
            self._simulation.AddModelToTask(task, model, None, ACT)
            for i in range(first, last):
                inputs = CraftInputs(
                    model.forceOutMsg[i - first],
                    model.torqueOutMsg[i - first],
                    model.oxidizerFlowOutMsg[i - first],
                    model.fuelFlowOutMsg[i - first],
                )
                self._crafts.append(add_craft(self._simulation, task, vehicle, i, inputs))
            self._simulation.AddModelToTask(task, model, None, JUDGE)
        if threads > 1:
            self._simulation.TotalSim.resetThreads(threads)
        self._simulation.InitializeSimulation()
        self._share_states(buffers)
        self._tick_at_zero()

    def step(self) -> None:
        """Fly one control interval, which updates all landers' rows of the buffers."""
        self._time_ns += self._control_interval_ns
        self._simulation.TotalSim.StepUntilStop(self._time_ns, -1)

    def _share_states(self, buffers: Buffers) -> None:
        """Store the address of each Basilisk state, so that states are read and written in
        place.
        """
        for i, craft in enumerate(self._crafts):
            states = craft.hub.dynManager
            buffers.state_address[i] = [
                int(_pyStatefulNumbaModel.getStateDataPtr(states.getStateObject(name)))
                for name in state_names(i)
            ]

    def _tick_at_zero(self) -> None:
        """Run the scheduler's tick at time zero, which integrates nothing, and start counting."""
        for model in self._models:  # no evaluation at this tick: there are no episodes yet
            model.flight["steps_done"] = -1
        self._simulation.TotalSim.StepUntilStop(0, -1)
        for model in self._models:
            model.flight["acting"] = 1
            model.flight["steps_done"] = 0
