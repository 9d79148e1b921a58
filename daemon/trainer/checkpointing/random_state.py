"""Saving and restoring the random number generators that a training uses.

These are Python's, NumPy's and torch's global generators: exploration and SAC's updates draw from
torch's, minibatches, replay samples and TD3's noise from NumPy's. The landers' are in the fleet.
"""

from __future__ import annotations

import random
from typing import Annotated

import msgspec
import numpy as np
import torch
from msgspec import Meta

_WORDS = 624  # of a Mersenne twister's state
_Words = Annotated[bytes, Meta(min_length=4 * _WORDS, max_length=4 * _WORDS)]
_Position = Annotated[int, Meta(ge=0, le=_WORDS)]


class RandomState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Python's and NumPy's Mersenne twisters (uint32 words, next position, the cached second normal
    number of a pair) and torch's generator state.
    """

    python: _Words
    python_position: _Position
    python_normal: float | None
    numpy: _Words
    numpy_position: _Position
    numpy_normal: float | None
    torch: bytes


def capture_random() -> RandomState:
    """The states of the three global generators."""
    _, (*words, position), normal = random.getstate()
    _, keys, numpy_position, has_normal, numpy_normal = np.random.get_state()
    return RandomState(
        python=np.array(words, "<u4").tobytes(),
        python_position=position,
        python_normal=normal,
        numpy=np.asarray(keys, "<u4").tobytes(),
        numpy_position=int(numpy_position),
        numpy_normal=float(numpy_normal) if has_normal else None,
        torch=torch.get_rng_state().numpy().tobytes(),
    )


def restore_random(state: RandomState) -> None:
    """Set the three global generators. Raises ValueError naming the one that failed."""
    words = np.frombuffer(state.python, "<u4").tolist()
    random.setstate((3, (*words, state.python_position), state.python_normal))
    left_over = state.numpy_normal
    np.random.set_state(
        (
            "MT19937",
            np.frombuffer(state.numpy, "<u4"),
            state.numpy_position,
            int(left_over is not None),
            left_over or 0.0,
        )
    )
    try:
        torch.set_rng_state(torch.frombuffer(bytearray(state.torch), dtype=torch.uint8))
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "refused"
        raise ValueError(f"torch: {reason}") from error
