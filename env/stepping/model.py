"""The compiled Basilisk module: engines, contact, observation and reward of a thread's landers.

It is in its task twice, before and after the spacecraft: first it applies forces from the state at
the start of the step; then, at the end of a control interval, it evaluates the resulting state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from Basilisk.architecture import messaging
from Basilisk.architecture.numbaModel import NumbaModel

from env.state.buffers import Buffers, attach
from env.stepping.flight import act
from env.stepping.judgement import judge


class LanderModel(NumbaModel):  # type: ignore[misc]
    """Rows `first` to `last` (exclusive) of the shared buffers, flown in one Basilisk process.

    The four message lists have one message per craft: force (N) and torque (N m) on the body, and
    the flow out of each tank (kg/s).
    """

    def __init__(
        self, buffers: Buffers, first: int, last: int, dt_s: float, steps_per_control: int
    ) -> None:
        super().__init__()
        self.ModelTag = f"landers_{first}_{last}"
        count = last - first
        self.forceOutMsg = [messaging.CmdForceBodyMsg() for _ in range(count)]
        self.torqueOutMsg = [messaging.CmdTorqueBodyMsg() for _ in range(count)]
        self.oxidizerFlowOutMsg = [messaging.MassFlowRateMsg() for _ in range(count)]
        self.fuelFlowOutMsg = [messaging.MassFlowRateMsg() for _ in range(count)]
        self.memory.n_envs = np.int64(buffers.action.shape[0])
        self.memory.n_observations = np.int64(buffers.observation.shape[1])
        self.memory.first = np.int64(first)
        self.memory.last = np.int64(last)
        self.memory.dt_s = np.float64(dt_s)
        self.memory.steps_per_control = np.int64(steps_per_control)
        self.memory.steps_done = np.int64(0)
        self.memory.acting = np.int64(1)
        for name in Buffers._fields:
            array: npt.NDArray[Any] = getattr(buffers, name)
            setattr(self.memory, name, np.uint64(array.ctypes.data))

    @staticmethod
    def UpdateStateImpl(  # noqa: N802, the name that Basilisk calls
        forceOutMsgPayload: Any,  # noqa: N803
        torqueOutMsgPayload: Any,  # noqa: N803
        oxidizerFlowOutMsgPayload: Any,  # noqa: N803
        fuelFlowOutMsgPayload: Any,  # noqa: N803
        memory: Any,
    ) -> None:
        """Called by the scheduler, compiled. Alternates between applying forces and evaluating."""
        buffers = attach(memory)
        if memory.acting == 1:
            share = buffers.vehicle[0].oxidizer_fraction
            force = np.empty(3)
            torque = np.empty(3)
            for i in range(memory.first, memory.last):
                row = i - memory.first
                flow = act(buffers, i, memory.dt_s, force, torque)
                forceOutMsgPayload[row].forceRequestBody[:] = force
                torqueOutMsgPayload[row].torqueRequestBody[:] = torque
                oxidizerFlowOutMsgPayload[row].massFlowRate = flow * share
                fuelFlowOutMsgPayload[row].massFlowRate = flow * (1.0 - share)
            memory.acting = 0
        else:
            memory.acting = 1
            memory.steps_done += 1
            if memory.steps_done == memory.steps_per_control:
                memory.steps_done = 0
                interval_s = memory.dt_s * memory.steps_per_control
                for i in range(memory.first, memory.last):
                    judge(buffers, i, interval_s)
