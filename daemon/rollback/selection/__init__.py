"""Selecting the state to roll back to: parse the target, rank candidates, verify one."""
