"""What is compiled apart from each other: functions with the types of their arguments.

A part compiles its functions and all that they call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import float64, int64, typeof, uint64

from env.base.random import scramble
from env.physics.vehicles import STARSHIP_HLS
from env.sensing.lidar import FLASH_LIDAR, lidar_record
from env.sensing.sensors import NOISY, sensor_record
from env.state.buffers import Buffers, attach, doubles_at, make_buffers
from env.state.track import read_tracks
from env.stepping.episode import begin_episode, look, place
from env.stepping.flight import act
from env.stepping.kernel import FLIGHT_DTYPE, kernel_address
from env.terrain.maps import MAP_DTYPE, synthetic_ground

_VECTOR = float64[::1]
_typeof: Callable[[Any], Any] = typeof


def example_buffers() -> Buffers:
    """Buffers of one lander, for the types of their arrays: the same for every fleet."""
    maps = np.zeros(2, MAP_DTYPE)
    return make_buffers(1, STARSHIP_HLS, maps, sensor_record(NOISY), lidar_record(FLASH_LIDAR))


def _look(buffers: Buffers) -> None:
    look.compile((_typeof(buffers), int64, float64))


def _act(buffers: Buffers) -> None:
    act.compile((_typeof(buffers), int64, float64, _VECTOR, _VECTOR))


def _place(buffers: Buffers) -> None:
    place.compile((_typeof(buffers), int64))


def _tracks(buffers: Buffers) -> None:
    attach.compile((_typeof(np.zeros(1, FLIGHT_DTYPE)[0]),))
    scramble.compile((uint64,))
    doubles_at.compile((uint64, int64))
    read_tracks(buffers, np.zeros(0, np.intp))


def _begin(buffers: Buffers) -> None:
    begin_episode.compile((_typeof(buffers), int64))


PARTS: dict[str, Callable[[Buffers], Any]] = {
    "look": _look,
    "act": _act,
    "place": _place,
    "tracks": _tracks,
    "kernel": lambda _: kernel_address(),
    "terrain": lambda _: synthetic_ground(),
    "begin": _begin,
}
# Two processes fill the cache, in an order in which neither needs what the other compiles. These
# shares take about equally long; the kernel calls them all.
SHARES = (("look",), ("act", "place", "tracks"))
KERNEL = "kernel"
BESIDE_KERNEL = ("terrain", "begin")
