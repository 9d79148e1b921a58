"""The burn-in: which training time counts, and what its samples say. Pure, but for `collect`."""
