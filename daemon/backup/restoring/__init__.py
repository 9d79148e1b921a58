"""States that can be restored: listed, found, staged beside checkpoints."""
