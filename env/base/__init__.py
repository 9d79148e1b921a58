"""Base modules: Moon constants, random streams, Basilisk's import, numba's cache."""
