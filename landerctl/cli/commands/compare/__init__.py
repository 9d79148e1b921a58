"""Verbs that name and compare runs."""
