"""Compiled random numbers: one SplitMix64 state a craft, so an episode depends on its seed alone.

Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
"""

from __future__ import annotations

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
