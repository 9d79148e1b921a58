"""What a sweep found: the best sets of values, and whether they are better. Pure."""
