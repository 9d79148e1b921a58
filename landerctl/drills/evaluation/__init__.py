"""The drill `evaluation`."""
