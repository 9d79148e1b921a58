"""Sweeps as text: which trials are listed, their columns, details and curves."""
