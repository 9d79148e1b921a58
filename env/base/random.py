"""Compiled random numbers: one SplitMix64 state per craft; an episode depends only on its seed.

Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit, uint64


@njit(cache=True, inline="always")
def split_mix(state: Any) -> Any:
    """The next 64-bit state after `state`."""
    return uint64(state) + uint64(0x9E3779B97F4A7C15)


@njit(cache=True, inline="always")
def scramble(state: Any) -> Any:
    """The 64 random bits that belong to a state."""
    z = uint64(state)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@njit(cache=True, inline="always")
def unit_uniform(state: Any) -> float:
    """A state's number in [0, 1)."""
    return float(scramble(state) >> uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, inline="always")
def next_uniform(stream: Any, i: int) -> float:
    """Advance craft i's state in `stream` (uint64, (N,)); a number in [0, 1)."""
    stream[i] = split_mix(stream[i])
    return unit_uniform(stream[i])


@njit(cache=True)
def next_normals(stream: Any, i: int) -> tuple[float, float]:
    """Advance craft i's state in `stream` (uint64, (N,)); two independent N(0, 1) numbers.

    Box and Muller, Annals of Mathematical Statistics 29 (1958) 610.
    """
    radius = math.sqrt(-2.0 * math.log(1.0 - next_uniform(stream, i)))
    angle = 2.0 * math.pi * next_uniform(stream, i)
    return radius * math.cos(angle), radius * math.sin(angle)
