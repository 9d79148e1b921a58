"""The panels: one a file, each with a pure function from a snapshot to its lines."""
