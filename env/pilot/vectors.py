"""Row-wise vector algebra on (N, 3) arrays; NumPy's own cross product is slow for few rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float64]


def dot(a: Vectors, b: Vectors) -> Numbers:
    """a . b of each row, shape (N,)."""
    product: Numbers = np.vecdot(a, b)
    return product


def norm(a: Vectors) -> Numbers:
    """|a| of each row, shape (N,)."""
    return np.sqrt(dot(a, a))


def unit(a: Vectors) -> Vectors:
    """a / |a|; a row of zeros stays zero."""
    return a / np.maximum(norm(a), 1e-9)[:, None]


def cross(a: Vectors, b: Vectors) -> Vectors:
    """a x b of each row, shape (N, 3)."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    out[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    out[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    out[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def limit(a: Vectors, largest: Numbers) -> Vectors:
    """a, shortened to the length `largest` (N,) where it is longer."""
    return a * np.minimum(1.0, largest / np.maximum(norm(a), 1e-9))[:, None]
