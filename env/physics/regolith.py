"""How far a foot sinks into regolith, compiled: Bekker's pressure-sinkage relation, plastic.

Under a plate of radius b at sinkage z the ground supports the pressure

    p = (k_c / b + k_phi) z^n

(Bekker, Introduction to Terrain-Vehicle Systems, 1969; b is the radius of a round plate: Wong,
Theory of Ground Vehicles). Lunar regolith: n = 1, k_c = 1.4 kN/m2, k_phi = 820 kN/m3 (Carrier,
Olhoeft, Mendell, Physical properties of the lunar surface, in Lunar Sourcebook, 1991, ch. 9,
trafficability). With n = 1 a pad of area A sinks like a spring of stiffness A (k_c / b + k_phi)
when the load increases, and not at all when it decreases: the sinkage is permanent.

Leg and ground are in series. A foot that stands `depth` below the undisturbed ground and is held
by a leg of stiffness k in ground of stiffness K therefore sinks by

    sunk = depth k / (k + K)

or keeps the sinkage of an earlier greater depth. The work done on the ground is dissipated.
"""

from __future__ import annotations

import math

from numba import njit

COHESIVE_MODULUS_N_M2 = 1.4e3  # k_c for n = 1
FRICTIONAL_MODULUS_N_M3 = 820e3  # k_phi for n = 1


def bearing_stiffness_n_m(pad_radius_m: float) -> float:
    """Load by sinkage (N/m) of a round pad in regolith that has not been loaded yet."""
    modulus_n_m3 = COHESIVE_MODULUS_N_M2 / pad_radius_m + FRICTIONAL_MODULUS_N_M3
    return math.pi * pad_radius_m**2 * modulus_n_m3


@njit(cache=True)
def sinkage_m(depth_m: float, sunk_m: float, leg_n_m: float, ground_n_m: float) -> float:
    """Sinkage (m) of a foot that its leg pushes `depth_m` below the undisturbed ground.

    `sunk_m`: sinkage so far; `leg_n_m`, `ground_n_m`: stiffness of leg and ground.
    """
    return max(sunk_m, depth_m * leg_n_m / (leg_n_m + ground_n_m))
