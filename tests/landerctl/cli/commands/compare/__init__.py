"""Verbs of the panel Compare."""
