"""Runs as people see them: what each has reached, and which settings it was given."""
