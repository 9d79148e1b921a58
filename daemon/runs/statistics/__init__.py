"""Estimates with intervals, and tests of differences."""
