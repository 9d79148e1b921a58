"""Runs as pages: the list of them, and several side by side."""
