"""A run's folder and what is kept in it: its frozen configuration, evaluations, trajectories.

Checkpoints are daemon.checkpoint's.
"""
