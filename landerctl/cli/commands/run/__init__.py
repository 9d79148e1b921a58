"""Verbs that start and stop a training."""
