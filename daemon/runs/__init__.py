"""A run's folder and its contents: frozen configuration, evaluations, trajectories.

Checkpoints are in daemon.checkpoint.
"""
