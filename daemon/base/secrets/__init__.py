"""Keeps secrets out of what is printed, recorded and copied."""
