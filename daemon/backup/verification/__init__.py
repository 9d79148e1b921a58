"""Verifying backups by reading them back: one now, some periodically, and the last results."""
