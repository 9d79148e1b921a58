"""Checkpoints and backups: found by what people name them, and listed."""
