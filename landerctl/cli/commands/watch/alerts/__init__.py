"""`landerctl alerts` and its verbs."""
