"""Parsing and completion of arguments: checkpoints, backups, runs, times."""
