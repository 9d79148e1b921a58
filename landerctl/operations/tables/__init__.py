"""Metrics and events as tables for other programs, written as they are read."""
