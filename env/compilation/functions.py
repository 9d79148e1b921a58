"""The compiled functions that a fleet needs, found by following the source, and which are cached.

No list is kept by hand: the names that a function's code refers to lead to the next ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from numba.core.dispatcher import Dispatcher
from numba.np.ufunc.dufunc import DUFunc

from env.base.compilation_cache import compilation_cache
from env.base.random import scramble
from env.state.buffers import doubles_at
from env.state.track import read_tracks
from env.stepping.episode import begin_episode
from env.stepping.kernel import fly
from env.terrain.maps import make_ground

# Where the search begins; `fly` is compiled itself.
ROOTS = (fly, make_ground, read_tracks)
# Inlined elsewhere, but compiled for Python as well.
CALLED_FROM_PYTHON = (scramble, doubles_at, begin_episode)


@cache
def needed_functions() -> frozenset[str]:
    """The functions to compile, as numba begins the names of their index files."""
    found: set[Any] = set()
    units = {_unit(_function_of(compiled)) for compiled in (fly, *CALLED_FROM_PYTHON)}
    waiting: list[Any] = list(ROOTS)
    while waiting:
        function = waiting.pop()
        for value in _referred(function):
            inner = _function_of(value)
            if inner is None or inner in found:
                continue
            found.add(inner)
            waiting.append(inner)
            if _is_compiled_apart(value):
                units.add(_unit(inner))
    return frozenset(units)


def compiled_count() -> int:
    """How many of the needed functions are in the cache."""
    present = {file.name.partition(".py")[0] for file in compilation_cache().glob("*/*.nbi")}
    return len(present & needed_functions())


def _referred(function: Any) -> Iterator[Any]:
    """The values of the global names in a function's code."""
    codes: list[CodeType] = [function.__code__]
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in code.co_names:
            if name in function.__globals__:
                yield function.__globals__[name]


def _is_compiled_apart(value: Any) -> bool:
    return isinstance(value, Dispatcher | DUFunc) and value.targetoptions.get("inline") != "always"


def _function_of(value: Any) -> FunctionType | None:
    """The Python function behind a compiled, cached or plain function of this package."""
    if isinstance(value, Dispatcher):
        value = value.py_func
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, FunctionType) and value.__module__.startswith("env."):
        return value
    return None


def _unit(function: Any) -> str:
    code: CodeType = function.__code__
    return f"{Path(code.co_filename).stem}.{function.__qualname__}-{code.co_firstlineno}"
