"""Backups: verified copies of checkpoints, outside the run. Never unpickles."""
