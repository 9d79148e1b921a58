"""Start and stop a training."""
