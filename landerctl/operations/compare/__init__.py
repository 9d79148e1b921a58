"""Comparing runs: settings, curves, gates, evaluations, and whether a difference is one."""
