"""`status` and `check` without Typer: scripts and cron call them often, so they start fast.

Typer imports pydantic and Rich, which takes longer than all of the work. What this package
recognises it does itself; every other command line, `--help` and mistakes included, is Typer's.
"""
