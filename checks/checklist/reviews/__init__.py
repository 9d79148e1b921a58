"""Reviews: what a span of a run was like, compared with the span before it."""
