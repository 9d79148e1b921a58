"""The process that carries a sweep out: which trials exist, when each runs, when each ends."""
