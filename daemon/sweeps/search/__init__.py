"""Which values the next trial has: deterministic functions of the sweep and its trials so far."""
