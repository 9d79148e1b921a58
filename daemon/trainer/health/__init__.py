"""Numbers that are not finite, signs of divergence, and how often a training may rewind."""
