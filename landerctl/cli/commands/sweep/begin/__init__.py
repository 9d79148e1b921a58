"""The verbs that begin a sweep, and what starts its coordinator."""
