"""Saving, resuming and rewinding a training by its checkpoints."""
