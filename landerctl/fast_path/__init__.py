"""`status` and `check` without Typer: scripts and cron call them often, so they start fast.

Typer imports pydantic and Rich, which takes longer than the command itself. Command lines that this
package does not recognise, including `--help` and mistakes, are handled by Typer.
"""
