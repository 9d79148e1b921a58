"""One Basilisk simulation of all landers: one process and one compiled module per thread."""

from __future__ import annotations

import numpy as np
from Basilisk.architecture import bskLogging, sim_model, sys_model_task
from Basilisk.simulation import _pyStatefulNumbaModel
from Basilisk.utilities import macros

from env.physics.vehicle import Vehicle
from env.state.buffers import Buffers
from env.stepping.craft import ACT, JUDGE, Craft, CraftInputs, add_craft, state_names
from env.stepping.model import LanderModel


class LanderSimulation:
    """The Basilisk part of a fleet. Owns every module, as the scheduler keeps no references.

    It uses the scheduler itself (SimModel), not its wrapper SimBaseClass, which imports
    matplotlib.pyplot: a tenth of a start, and a font cache to build in a new home.
    """

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
        self._processes: list[sim_model.SysProcess] = []
        self._tasks: list[sys_model_task.SysModelTask] = []
        self._simulation = sim_model.SimModel()
        edges = np.linspace(0, n_envs, threads + 1).astype(int)
        for k in range(threads):
            first, last = int(edges[k]), int(edges[k + 1])
            task = self._add_process(f"thread_{k}", macros.sec2nano(dynamics_interval_s))
            model = LanderModel(buffers, first, last, dynamics_interval_s, steps)
            self._models.append(model)
            task.AddNewObject(model, ACT)
            for i in range(first, last):
                inputs = CraftInputs(
                    model.forceOutMsg[i - first],
                    model.torqueOutMsg[i - first],
                    model.oxidizerFlowOutMsg[i - first],
                    model.fuelFlowOutMsg[i - first],
                )
                self._crafts.append(add_craft(task, vehicle, i, inputs))
            task.AddNewObject(model, JUDGE)
        if threads > 1:
            self._simulation.resetThreads(threads)
        self._simulation.assignRemainingProcs()
        self._simulation.ResetSimulation()
        self._simulation.selfInitSimulation()
        self._simulation.resetInitSimulation()
        self._share_states(buffers)
        self._tick_at_zero()

    def step(self) -> None:
        """Fly one control interval, which updates all landers' rows of the buffers."""
        self._time_ns += self._control_interval_ns
        self._simulation.StepUntilStop(self._time_ns, -1)

    def set_hub(self, i: int, vehicle: Vehicle) -> None:
        """Give craft i this vehicle's mass without propellant, and its moments of inertia.

        Basilisk reads both again in each evaluation.
        """
        hub = self._crafts[i].hub.hub
        hub.mHub = vehicle.hub_mass_kg
        hub.IHubPntBc_B = np.diag(vehicle.hub_inertia_kg_m2).tolist()

    def _add_process(self, name: str, interval_ns: int) -> sys_model_task.SysModelTask:
        """A process, which a thread of its own executes, with one task."""
        process = sim_model.SysProcess(name)
        task = sys_model_task.SysModelTask(interval_ns)
        task.TaskName = name
        process.addNewTask(task)
        self._simulation.addNewProcess(process)
        self._processes.append(process)
        self._tasks.append(task)
        return task

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
        self._simulation.StepUntilStop(0, -1)
        for model in self._models:
            model.flight["acting"] = 1
            model.flight["steps_done"] = 0
