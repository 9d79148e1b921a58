"""Forking: a new run that continues a state of another with changed settings."""
