"""Dispersions: what a lander's truth may differ in from what its pilot knows, and its draws."""
