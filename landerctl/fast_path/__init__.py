"""`status`, `check` and `checklist` without Typer: called often, so they start fast.

Typer handles the command lines that this package does not recognise, including `--help`.
"""
