"""`landerctl backup` and its verbs, a file each."""
