"""Processes that fly an evaluation's flights together."""
