"""Modified Rodrigues parameters, compiled. Schaub and Junkins, Analytical Mechanics, 3.5."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]


@njit(cache=True)
def body_to_inertial(sigma: Vector, dcm: Matrix) -> None:
    """Write the direction cosine matrix [NB] of sigma_BN into `dcm`, shape (3, 3)."""
    x, y, z = sigma[0], sigma[1], sigma[2]
    square = x * x + y * y + z * z
    scale = 1.0 / ((1.0 + square) * (1.0 + square))
    a = 8.0 * scale
    b = 4.0 * (1.0 - square) * scale
    dcm[0, 0] = 1.0 - a * (y * y + z * z)
    dcm[1, 1] = 1.0 - a * (x * x + z * z)
    dcm[2, 2] = 1.0 - a * (x * x + y * y)
    dcm[0, 1] = a * x * y - b * z
    dcm[1, 0] = a * x * y + b * z
    dcm[0, 2] = a * x * z + b * y
    dcm[2, 0] = a * x * z - b * y
    dcm[1, 2] = a * y * z - b * x
    dcm[2, 1] = a * y * z + b * x


@njit(cache=True)
def tilt_sigma(tilt_rad: float, azimuth_rad: float, sigma: Vector) -> None:
    """Write sigma_BN of a craft whose z axis leans `tilt_rad` from +z towards `azimuth_rad`."""
    magnitude = math.tan(tilt_rad / 4.0)
    sigma[0] = -magnitude * math.sin(azimuth_rad)
    sigma[1] = magnitude * math.cos(azimuth_rad)
    sigma[2] = 0.0
