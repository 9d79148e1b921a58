"""The ground floor: Moon constants, random streams, Basilisk's import, numba's cache."""
