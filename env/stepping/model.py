"""The compiled Basilisk module: engines, contact, observation and reward of a thread's landers.

It is in its task twice, before and after the spacecraft: first it applies forces from the state at
the start of the step; then, at the end of a control interval, it evaluates the resulting state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.architecture.numbaModel import NumbaModel

from env.state.buffers import Buffers
from env.stepping.kernel import call_fly, flight_record, kernel_address


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
        # Basilisk reads integers of memory back as int64: any other type would compile twice.
        self.flight = flight_record(buffers, first, last, dt_s, steps_per_control)
        self.memory.flight = np.int64(self.flight.ctypes.data)
        self.memory.kernel = np.int64(kernel_address())

    @staticmethod
    def UpdateStateImpl(  # noqa: N802, the name that Basilisk calls
        forceOutMsgPayload: Any,  # noqa: N803
        torqueOutMsgPayload: Any,  # noqa: N803
        oxidizerFlowOutMsgPayload: Any,  # noqa: N803
        fuelFlowOutMsgPayload: Any,  # noqa: N803
        memory: Any,
    ) -> None:
        """Called by the scheduler, compiled."""
        call_fly(
            memory.kernel,
            memory.flight,
            forceOutMsgPayload.ctypes.data,
            torqueOutMsgPayload.ctypes.data,
            oxidizerFlowOutMsgPayload.ctypes.data,
            fuelFlowOutMsgPayload.ctypes.data,
        )
