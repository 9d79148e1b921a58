"""Arrays by address in compiled code: a record can store one, and passing it is cheap."""

from __future__ import annotations

from typing import Any

import numba
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _address_to_pointer(typing_context: Any, address: Any) -> Any:
    """Code generation: an integer address as a void pointer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(types.uint64), generate


pointer: Any = intrinsic(_address_to_pointer)
carray: Any = numba.carray  # type: ignore[attr-defined]
