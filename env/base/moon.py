"""The Moon as a sphere with point-mass gravity. The pad is where the +z axis meets the sphere."""

from __future__ import annotations

MU_M3_S2 = 4.9028e12  # gravitational parameter, DE430 rounded as in Basilisk's own bodies
RADIUS_M = 1_737_400.0  # mean radius, IAU 2015
MOON_RATE_RAD_S = 2.6617e-6  # sidereal; not simulated, docs/environment.md has the effect
SURFACE_GRAVITY_M_S2 = MU_M3_S2 / RADIUS_M**2
