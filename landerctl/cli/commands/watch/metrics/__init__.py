"""`landerctl metrics` and its verbs."""
