"""`status` and `check` without Typer: scripts and cron call them often, so they start fast.

Typer handles the command lines that this package does not recognise, including `--help`.
"""
