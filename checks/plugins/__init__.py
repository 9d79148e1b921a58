"""Checks of other packages: each is called in a process of its own, with a time limit."""
