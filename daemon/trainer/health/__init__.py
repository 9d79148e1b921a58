"""Non-finite numbers, signs of divergence, and how often a training may rewind."""
