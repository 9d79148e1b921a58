"""`landerctl events` and its verbs."""
