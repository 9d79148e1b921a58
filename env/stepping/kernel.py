"""What a thread's Basilisk module executes at each of its two calls in a dynamics step, compiled.

One C function for every fleet: Basilisk compiles a wrapper for each number of landers, and the
wrapper calls this by address, so that everything below it is compiled once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from env.base.addresses import carray, pointer
from env.state.buffers import Buffers, attach
from env.stepping.flight import act
from env.stepping.judgement import judge

FLIGHT_DTYPE = np.dtype(
    [
        ("n_envs", np.int64),
        ("n_observations", np.int64),
        ("first", np.int64),  # rows of the thread: first to last, exclusive
        ("last", np.int64),
        ("dt_s", np.float64),
        ("steps_per_control", np.int64),
        ("steps_done", np.int64),  # of this control interval
        ("acting", np.int64),  # 1: the next call applies forces; 0: it evaluates
        *((name, np.int64) for name in Buffers._fields),  # addresses
    ]
)
_ARGUMENTS = 5


def flight_record(
    buffers: Buffers, first: int, last: int, dt_s: float, steps_per_control: int
) -> npt.NDArray[np.void]:
    """The FLIGHT_DTYPE record (1,) of a thread that flies rows `first` to `last` (exclusive)."""
    record = np.zeros(1, FLIGHT_DTYPE)
    row = record[0]
    row["n_envs"], row["n_observations"] = len(buffers.action), buffers.observation.shape[1]
    row["first"], row["last"] = first, last
    row["dt_s"], row["steps_per_control"] = dt_s, steps_per_control
    row["acting"] = 1
    for name in Buffers._fields:
        array: npt.NDArray[Any] = getattr(buffers, name)
        row[name] = array.ctypes.data
    return record


def fly(flight_address: int, force: int, torque: int, oxidizer: int, fuel: int) -> None:
    """Apply forces, or, at the end of a control interval, evaluate the state; in turn.

    Arguments are addresses: of a FLIGHT_DTYPE record, and of the outputs of the thread's n landers:
    force (n, 3) in N and torque (n, 3) in N m, body axes, and flow out of the tanks (n,) in kg/s.
    """
    flight = carray(pointer(flight_address), (1,), FLIGHT_DTYPE)[0]
    buffers = attach(flight)
    if flight.acting == 1:
        flight.acting = 0
        count = flight.last - flight.first
        forces = carray(pointer(force), (count, 3), np.float64)
        torques = carray(pointer(torque), (count, 3), np.float64)
        oxidizer_flow = carray(pointer(oxidizer), (count,), np.float64)
        fuel_flow = carray(pointer(fuel), (count,), np.float64)
        share = buffers.model[0].oxidizer_fraction
        for row in range(count):
            flow = act(buffers, flight.first + row, flight.dt_s, forces[row], torques[row])
            oxidizer_flow[row] = flow * share
            fuel_flow[row] = flow * (1.0 - share)
    else:
        flight.acting = 1
        flight.steps_done += 1
        if flight.steps_done == flight.steps_per_control:
            flight.steps_done = 0
            for i in range(flight.first, flight.last):
                judge(buffers, i, flight.dt_s * flight.steps_per_control)


@cache
def kernel_address() -> int:
    """The address of `fly`, which is compiled or loaded from the cache at the first call."""
    return int(_compiled().address)


def kernel_is_loaded() -> bool:
    """Whether this process has the kernel: it then needs no cache."""
    return kernel_address.cache_info().currsize > 0


@cache
def _compiled() -> Any:
    """The C function; kept for the life of the process, as its code is."""
    return numba.cfunc(types.void(*[types.int64] * _ARGUMENTS), cache=True)(fly)


def _call_fly(
    typing_context: Any,
    function: Any,
    flight: Any,
    force: Any,
    torque: Any,
    oxidizer: Any,
    fuel: Any,
) -> Any:
    """Code generation: a call of the C function at an address, with `fly`'s arguments."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        integer = ir.IntType(64)
        function_type = ir.FunctionType(ir.VoidType(), [integer] * _ARGUMENTS)
        builder.call(builder.inttoptr(args[0], function_type.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * (1 + _ARGUMENTS)), generate


call_fly: Any = intrinsic(_call_fly)
