"""Sweeps: many trials of one configuration, each a whole state folder of its own."""
