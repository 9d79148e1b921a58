"""Sends runs to an MLflow server, in a process of its own: training never waits for it."""
