"""Backups: verified copies of checkpoints, outside of the run. Never unpickles."""
