"""`landerctl backup` and its verbs, one file each."""
