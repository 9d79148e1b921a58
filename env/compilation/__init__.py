"""Compiles what a fleet needs, in processes beside the caller, into numba's cache."""
